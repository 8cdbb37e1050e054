public import Kernel

/// The instruments that checks of permits cite; their numbers are parameters.
enum PermitLaw {
    static let guide = Bilingual(
        "外国人来华工作许可服务指南（暂行）外专发〔2017〕36号", "Service guide of work permits No. 2017-36")
    static let standard = Bilingual(
        "外国人来华工作分类标准（试行）外专发〔2017〕40号 附件3", "Classification standard No. 2017-40, annex 3")
    static let beijing = Bilingual(
        "北京市外国人来华工作许可办事指南（本市条文待核）", "Beijing service guide of work permits; local text to be checked")
    static let shortTerm = Bilingual(
        "外国人入境完成短期工作任务的相关办理程序（试行）人社部发〔2014〕78号", "Procedure for short-term work No. 2014-78")
    static let national = Bilingual(
        "外国人来华工作管理服务系统要求（2026年2月起，待核）", "Requirements of the national system since February 2026; to be checked")
    static let photo = Bilingual(
        "深圳市科技创新局照片要求 post_10419521", "Photo requirements of the Shenzhen bureau, post_10419521")
    static let apostille = Bilingual("取消外国公文书认证要求的公约", "Apostille Convention")
    static let talentVisa = Bilingual("外国人才签证制度实施办法 外专发〔2017〕218号", "R visa measure No. 2017-218")
    static let conditions = Bilingual(
        "外国人来华工作许可基本条件（深圳市办事指南 2024-04-17）", "Basic conditions of work permits, Shenzhen guide of 2024-04-17")
}

/// The legal numbers of permits on one day, each with what to cite.
public struct PermitNumbers: Sendable {
    let rules: RuleBook
    public let day: Day

    public init(_ rules: RuleBook, on day: Day) {
        self.rules = rules
        self.day = day
    }

    /// A whole number of `talent.permit.<name>`; months, days and counts alike.
    /// - Throws: ``RuleBookError``.
    func number(_ name: String) throws(RuleBookError) -> (value: Int, basis: Bilingual) {
        let id = "talent.permit.\(name)"
        return (try rules.number(id, on: day), PermitNumbers.cite(try rules.dated(id, on: day).source))
    }

    /// A length of time.
    /// - Throws: ``RuleBookError``.
    func period(_ name: String) throws(RuleBookError) -> (value: Period, basis: Bilingual) {
        let id = "talent.permit.\(name)"
        return (try rules.period(id, on: day), PermitNumbers.cite(try rules.dated(id, on: day).source))
    }

    /// Codes of `talent.permit.<name>`.
    /// - Throws: ``RuleBookError``.
    func codes(_ name: String) throws(RuleBookError) -> [String] {
        try rules.codes("talent.permit.\(name)", on: day)
    }

    /// Money, or nil where the published value was not found.
    func money(_ name: String) -> (value: Money, basis: Bilingual)? {
        let id = "talent.permit.\(name)"
        guard let value = try? rules.money(id, on: day), let dated = try? rules.dated(id, on: day) else { return nil }
        return (value, PermitNumbers.cite(dated.source))
    }

    /// Document and article, marked where they are to be checked.
    static func cite(_ source: RuleSource) -> Bilingual {
        guard source.confidence.needsChecking else { return source.cited }
        return Bilingual("\(source.cited.zh)（依据待核）", "\(source.cited.en) (source to be checked)")
    }
}
