/// A kind of personal content (个人信息): what it is called, how it is masked, and which parameter says how long it is
/// kept after it is no longer needed.
public struct PersonalKind: Hashable, Sendable {
    /// What is shown of a value to those who have no need of the rest.
    public enum Mask: Hashable, Sendable {
        /// The last characters.
        case end(Int)
        /// The first characters.
        case start(Int)
        case nothing
    }

    public let id: String
    public let title: Bilingual
    public let mask: Mask

    public init(_ id: String, _ title: Bilingual, mask: Mask) {
        self.id = id
        self.title = title
        self.mask = mask
    }

    /// The dated parameter with the time for which it is kept.
    public var parameter: String { "privacy.keep.\(id)" }

    /// A value as it is shown without a need.
    public func masked(_ value: String) -> String {
        switch mask {
        case .end(let count) where value.count > count: "••••" + value.suffix(count)
        case .start(let count) where value.count > count: value.prefix(count) + "••••"
        default: "••••"
        }
    }

    public static let passport = PersonalKind("passport", Bilingual("护照号码", "Passport number"), mask: .end(3))
    public static let birthDate = PersonalKind("birth-date", Bilingual("出生日期", "Date of birth"), mask: .start(4))
    public static let contact = PersonalKind("contact", Bilingual("联系方式", "Telephone and mail"), mask: .start(2))
    public static let home = PersonalKind("home", Bilingual("住址", "Home address"), mask: .nothing)
    public static let family = PersonalKind("family", Bilingual("家庭成员", "Family"), mask: .nothing)
    public static let statement = PersonalKind(
        "statement", Bilingual("申请与投诉的陈述", "Statements in requests and complaints"), mask: .start(6))
    /// The identity number of the registry; kept beside the person.
    public static let number = PersonalKind("number", Bilingual("证件号码", "Identity number"), mask: .end(4))
    /// Papers on health, criminal record and identity: files that their form marks as personal, and answers so marked.
    public static let papers = PersonalKind(
        "papers", Bilingual("敏感材料和个人信息填报", "Sensitive papers and personal answers"), mask: .nothing)
    /// When an expert cannot judge, and what was said of it.
    public static let absence = PersonalKind(
        "absence", Bilingual("不能评审的时间", "Times away from reviews"), mask: .nothing)

    /// Identities of providers and security keys that open an account.
    public static let signIn = PersonalKind(
        "sign-in", Bilingual("登录身份和安全密钥", "Identities and keys to sign in with"), mask: .nothing)

    /// All kinds that the house keeps.
    public static let all: [PersonalKind] = [
        passport, birthDate, contact, home, family, statement, number, papers, absence, signIn,
    ]

    /// The kind of a stored word; an unknown word is masked whole.
    public static func named(_ id: String) -> PersonalKind {
        all.first { $0.id == id } ?? PersonalKind(id, Bilingual(id, id), mask: .nothing)
    }
}
