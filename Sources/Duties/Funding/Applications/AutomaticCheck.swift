public import Kernel

/// What the machine can check of an application, the same while drafting, at submission, at the formal check and in
/// audit.
public struct AutomaticCheck: Sendable {
    public let content: CallContent
    /// Number of the call, cited as the basis of its own conditions.
    public let callNumber: String
    public let host: LimitFacts.Host
    public let requested: Money
    public let termMonths: Int
    /// What the rule on limits says; nil where the call has none.
    public let limits: Ruling?
    /// Bans in force against the investigator or the organisation.
    public let bars: [Bar]
    /// Problems that the form itself found.
    public let formProblems: [FieldProblem]

    /// A ban as the check cites it.
    public struct Bar: Codable, Hashable, Sendable {
        public let who: Bilingual
        public let until: Day?
        /// Of the case that imposed it: what the decision says is for its subject and the bureau.
        public let number: String
        public let basis: Bilingual

        public init(who: Bilingual, until: Day?, number: String, basis: Bilingual) {
            self.who = who
            self.until = until
            self.number = number
            self.basis = basis
        }
    }

    public init(
        content: CallContent, callNumber: String, host: LimitFacts.Host, requested: Money, termMonths: Int,
        limits: Ruling?, bars: [Bar], formProblems: [FieldProblem]
    ) {
        self.content = content
        self.callNumber = callNumber
        self.host = host
        self.requested = requested
        self.termMonths = termMonths
        self.limits = limits
        self.bars = bars
        self.formProblems = formProblems
    }

    /// All defects at once, in a fixed order: form, host, amount, term, limits, bans.
    public var findings: [FindingDraft] {
        let call = Bilingual("申报指南 \(callNumber)", "Call \(callNumber)")
        var found = formProblems.map {
            FindingDraft(code: $0.code, field: $0.field, message: $0.message, basis: $0.basis ?? call)
        }
        if !content.hosts.contains(host) {
            found.append(
                FindingDraft(
                    code: "host.not-eligible", field: "organisation",
                    message: Bilingual("本指南不接受该类单位申报。", "This kind of organisation may not apply under the call."),
                    basis: call))
        }
        if requested < content.minimum || requested > content.maximum {
            found.append(
                FindingDraft(
                    code: "amount.out-of-range", field: "requested",
                    message: Bilingual(
                        "申请金额应在 \(content.minimum.yuanText) 元至 \(content.maximum.yuanText) 元之间。",
                        "Ask for between RMB \(content.minimum.yuanText) and RMB \(content.maximum.yuanText)."),
                    basis: call))
        }
        if termMonths < 1 || termMonths > content.termMonths {
            found.append(
                FindingDraft(
                    code: "term.out-of-range", field: "termMonths",
                    message: Bilingual(
                        "项目期限应为 1 至 \(content.termMonths) 个月。",
                        "The term must be 1 to \(counted(content.termMonths, "month"))."),
                    basis: call))
        }
        if let limits, limits.outcome["admitted"] != .bool(true) {
            for step in limits.trace where step.verdict == .unmet && step.key != "no-limit" {
                found.append(
                    FindingDraft(
                        code: "limit.exceeded", field: "",
                        message: Bilingual(
                            "超过限项：\(step.sentence(.chinese))。", "Over the limit: \(step.sentence(.english))."),
                        basis: step.law?.source.cited ?? call))
            }
        }
        found += bars.map(barred)
        return found
    }

    private func barred(_ bar: Bar) -> FindingDraft {
        let until = bar.until.map { Bilingual("至 \($0) ", "until \($0)") } ?? Bilingual("长期", "without end")
        return FindingDraft(
            code: "applicant.barred", field: "",
            message: Bilingual(
                "\(bar.who.zh)\(until.zh)不得申报（\(bar.number)），理由见送达的决定书。",
                "\(bar.who.en) may not apply \(until.en) (\(bar.number)); the decision that was served says why."),
            basis: bar.basis)
    }
}
