public import Kernel
public import Store

/// Why an expert may not judge an item (回避); the raw value is its stable code.
public enum Conflict: String, Codable, Hashable, Sendable, CaseIterable, SQLConvertible {
    case isApplicant = "is-applicant"
    case sameEmployer = "same-employer"
    case recentEmployer = "recent-employer"
    case sameParent = "same-parent"
    case sameRound = "applies-in-round"
    case sharedProject = "shared-project"
    case coAuthor = "co-author"
    case adviser
    case relative
    case money
    case employerMoney = "employer-money"
    case objection = "earlier-objection"
    case declared
    case ownDeclaration = "own-declaration"
    case named
    case barred
    /// A fact that the law keeps from everybody who reviews, also from the officers: a tip, an objection, a complaint.
    /// Which of them, between whom, and since when is said nowhere; a contest is for Integrity to rule.
    case protected

    /// Kinds of which the expert hears: that an applicant named somebody, or who objected or reported, is nobody else's
    /// to know.
    public static let told: [Conflict] = allCases.filter { ![.named, .objection, .protected].contains($0) }

    /// As shown beside the name.
    public var text: Bilingual {
        switch self {
        case .isApplicant: Bilingual("本人是申请人或参与人", "is the applicant or a participant")
        case .sameEmployer: Bilingual("与申请人或参与人同单位", "has the same employer as the applicant or a participant")
        case .recentEmployer: Bilingual("近年曾在申请单位或参与单位任职", "worked for a participating organisation in recent years")
        case .sameParent: Bilingual("所在单位与申请单位有隶属关系", "has an employer under the same parent organisation")
        case .sameRound: Bilingual("本人在同一批次申报", "applies in the same round")
        case .sharedProject: Bilingual("与申请人或参与人有共同项目", "shares a project with the applicant or a participant")
        case .coAuthor: Bilingual("与申请人或参与人合作发表", "published together with the applicant or a participant")
        case .adviser: Bilingual("与申请人或参与人有师生关系", "was adviser or student of the applicant or a participant")
        case .relative: Bilingual("与申请人或参与人有近亲属关系", "is a near relative of the applicant or a participant")
        case .money: Bilingual("与申请方有合同、股权或报酬关系", "has a contract, a share or pay from the applicant's side")
        case .employerMoney:
            Bilingual("所在单位与申请方有合同或资金往来", "has an employer with a contract or payments with the applicant's side")
        case .objection: Bilingual("双方之间曾有异议或举报", "there was an objection or a report between the two")
        case .declared: Bilingual("已申报的利害关系", "has a declared relation")
        case .ownDeclaration: Bilingual("本人声明须回避该项目", "declared to be unable to judge this item")
        case .named: Bilingual("申请人提名为不宜评审", "was named as unsuitable by the applicant")
        case .barred: Bilingual("限制措施在期，不得担任专家", "is barred from serving as an expert")
        case .protected: Bilingual("关系限制", "is barred by a protected fact")
        }
    }

    /// As the expert and other members of a panel are told: what is not theirs to know has one word, whatever it is.
    public var toldText: Bilingual { Conflict.told.contains(self) ? text : Conflict.protected.text }
}

extension [Conflict] {
    /// In words for those who may not know all of them, each once.
    var told: [Bilingual] {
        var seen: Set<Bilingual> = []
        return map(\.toldText).filter { seen.insert($0).inserted }
    }
}

/// A fact without which a conflict can be neither found nor ruled out.
public enum MissingFact: String, Codable, Hashable, Sendable, CaseIterable {
    case expertPerson = "expert-person"
    case expertEmployer = "expert-employer"
    case earlierEmployers = "earlier-employers"
    case parents

    public var text: Bilingual {
        switch self {
        case .expertPerson: Bilingual("专家未关联人员信息", "the expert is not linked to a person")
        case .expertEmployer: Bilingual("专家所在单位不详", "the expert's employer is not known")
        case .earlierEmployers: Bilingual("专家以往任职情况不详", "the expert's earlier employers are not known")
        case .parents: Bilingual("单位隶属关系不详", "the parents of the organisations are not known")
        }
    }
}

/// How an expert is tied to a person or an organisation, as somebody declared, recorded or imported it.
public enum TieKind: String, Codable, Hashable, Sendable, CaseIterable, SQLConvertible {
    case coAuthor = "co-author"
    case sharedProject = "shared-project"
    case adviser
    case relative
    case money
    case objection
    case other

    public var title: Bilingual {
        switch self {
        case .coAuthor: Bilingual("合作发表", "Published together")
        case .sharedProject: Bilingual("共同承担项目", "Shared a project")
        case .adviser: Bilingual("师生", "Adviser or student")
        case .relative: Bilingual("近亲属", "Near relative")
        case .money: Bilingual("合同、股权或报酬", "Contract, share or pay")
        case .objection: Bilingual("异议或举报", "Objection or report")
        case .other: Bilingual("其他利害关系", "Other interest")
        }
    }

    /// What the tie is to whoever judges.
    public var conflict: Conflict {
        switch self {
        case .coAuthor: .coAuthor
        case .sharedProject: .sharedProject
        case .adviser: .adviser
        case .relative: .relative
        case .money: .money
        case .objection: .objection
        case .other: .declared
        }
    }
}

/// A tie of an expert with its times and where it is known from.
public struct Tie: Codable, Hashable, Sendable {
    public let kind: TieKind
    /// Identity of a person or an organisation.
    public let subject: String
    /// First and last day as far as they are known; without a last day it goes on.
    public let from: Day?
    public let to: Day?
    /// In words: a register, a declaration, a file.
    public let source: String
    /// Account of whoever declared or recorded it.
    public let author: String

    public init(
        _ kind: TieKind, _ subject: String, from: Day? = nil, to: Day? = nil, source: String, author: String = ""
    ) {
        self.kind = kind
        self.subject = subject
        self.from = from
        self.to = to
        self.source = source
        self.author = author
    }
}

/// For how many years after its end each kind of relation counts; nil for ever.
public struct ConflictWindows: Codable, Hashable, Sendable {
    public var employment: Int?
    public var coAuthor: Int?
    public var sharedProject: Int?
    public var money: Int?
    public var objection: Int?

    public init(
        employment: Int?, coAuthor: Int?, sharedProject: Int?, money: Int?, objection: Int?
    ) {
        self.employment = employment
        self.coAuthor = coAuthor
        self.sharedProject = sharedProject
        self.money = money
        self.objection = objection
    }

    /// One number of years for all kinds.
    public init(all years: Int?) {
        self.init(employment: years, coAuthor: years, sharedProject: years, money: years, objection: years)
    }

    /// As the city's rules say on a day.
    /// - Throws: ``RuleBookError``.
    public init(_ rules: RuleBook, on day: Day) throws {
        let years = try rules.number("review.shared-project-years", on: day)
        self.init(
            employment: years, coAuthor: try rules.number("review.co-author-years", on: day), sharedProject: years,
            money: try rules.number("review.money-years", on: day),
            objection: try rules.number("review.objection-years", on: day))
    }

    /// As the city's rules say on a day; where they say nothing, everything counts for ever.
    public static func known(_ rules: RuleBook, on day: Day) -> ConflictWindows {
        (try? ConflictWindows(rules, on: day)) ?? ConflictWindows(all: nil)
    }

    /// Of what the city's own records say.
    func years(recorded kind: Conflict) -> Int? { kind == .protected ? objection : money }

    /// Advisers and relatives stay what they are.
    func years(_ kind: TieKind) -> Int? {
        switch kind {
        case .coAuthor: coAuthor
        case .sharedProject: sharedProject
        case .money: money
        case .objection: objection
        case .adviser, .relative, .other: nil
        }
    }
}
