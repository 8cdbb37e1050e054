/// Shares of sums that are told in thousandths, and of which the rest is left out.
public enum CutShare {
    /// As it is told, with one place: `30.5%`.
    public static func text(_ perMille: Int64) -> String { "\(perMille / 10).\(perMille % 10)%" }

    /// How such a share is cut, for whoever reads it beside what the law asks.
    public static let rounding = Bilingual(
        "占比精确到 0.1%，余数舍去；是否达到按金额计算，精确到分。",
        "The share is cut to 0.1 %, never rounded up; whether it is met is reckoned by sums, to the fen.")
}
