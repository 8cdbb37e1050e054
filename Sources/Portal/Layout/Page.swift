public import Kernel

/// A step of the way to a page.
public struct Crumb: Sendable, Hashable {
    public let title: Bilingual
    public let path: String

    public init(_ title: Bilingual, _ path: String) {
        self.title = title
        self.path = path
    }

    /// The desk, on which all work of the bureau stands.
    public static let desk = Crumb(Bilingual("业务", "Desk"), "/desk")
    /// What waits for the one who is signed in.
    public static let work = Crumb(Bilingual("我的工作台", "My work"), "/work")
    /// What an expert has to judge.
    public static let reviews = Crumb(Bilingual("评审", "Reviews"), "/reviews")
    /// What administrators do.
    public static let administration = Crumb(Bilingual("管理", "Administration"), "/admin")
    /// What auditors read.
    public static let audit = Crumb(Bilingual("审计", "Audit"), "/audit")
}

/// The content of a page; the layout is put round it.
public struct Page: Sendable {
    /// How wide the content runs.
    public enum Width: Sendable { case reading, desk }

    public let title: Bilingual
    public let trail: [Crumb]
    public let width: Width
    public let body: HTML

    public init(title: Bilingual, trail: [Crumb] = [], width: Width = .reading, body: HTML) {
        self.title = title
        self.trail = trail
        self.width = width
        self.body = body
    }
}

/// What the layout knows of the visit.
public struct Frame: Sendable {
    public let language: Language
    public let actor: Actor
    /// The path as sent, with its query.
    public let address: String
    public let csrfToken: String
    /// Whether a link to an address leads this visitor anywhere.
    public let mayOpen: @Sendable (String) -> Bool

    public init(
        language: Language, actor: Actor, address: String, csrfToken: String,
        mayOpen: @escaping @Sendable (String) -> Bool = { _ in true }
    ) {
        self.language = language
        self.actor = actor
        self.address = address
        self.csrfToken = csrfToken
        self.mayOpen = mayOpen
    }
}
