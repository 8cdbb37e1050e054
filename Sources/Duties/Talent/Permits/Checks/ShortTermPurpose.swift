import Kernel

/// What counts as a short-term task, and which way leads on where it does not.
enum ShortTermPurpose {
    static let tasks: Set<String> = ["cooperation", "sport", "film", "fashion", "performance", "recognised"]

    /// The visa to ask for in place of a short-term permit; nil where the purpose is a short-term task.
    static func visa(_ purpose: String) -> Bilingual? {
        switch purpose {
        case "after-sale", "bid-supervision", "own-branch", "sports-event":
            Bilingual("M 字签证", "an M visa")
        case "volunteer", "unapproved-show": Bilingual("F 字签证", "an F visa")
        default: nil
        }
    }
}

/// The days in which an extension may be asked for.
struct ExtensionWindow: Hashable, Sendable {
    let opens: Day
    /// The last day in time.
    let closes: Day
    let opensBasis: Bilingual
    let closesBasis: Bilingual

    /// - Parameter end: the last day of the permit.
    init(end: Day, _ numbers: PermitNumbers) throws(RuleBookError) {
        let earliest = try numbers.number("extension.earliest")
        let latest = try numbers.number("extension.latest")
        opens = end.adding(days: -earliest.value)
        closes = end.adding(days: -latest.value)
        (opensBasis, closesBasis) = (earliest.basis, latest.basis)
    }
}
