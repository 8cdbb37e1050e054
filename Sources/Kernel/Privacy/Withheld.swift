/// What stands in answers that somebody reads in place of a value that is not shown.
public struct Withheld: Sendable {
    /// In place of what is sealed from whoever reads.
    public let sealed: JSONValue
    /// In place of what no key of the ring opens.
    public let unreadable: JSONValue
    /// In place of what was erased.
    public let erased: JSONValue

    /// As programs read it.
    public static let data = Withheld(
        sealed: ["sealed": true], unreadable: ["unreadable": true], erased: ["erased": true])

    /// All that may stand in place of an answer.
    var instead: [JSONValue] { [sealed, unreadable, erased] }

    /// The words in place of a value that is not given.
    public func text(for value: JSONValue) -> String {
        let word = value.isErased ? erased : value == Withheld.data.sealed ? sealed : unreadable
        return word.string ?? ""
    }

    /// As people read it.
    public static func words(in language: Language) -> Withheld {
        func said(_ text: Bilingual) -> JSONValue { .string(text[language]) }
        return Withheld(
            sealed: said(Bilingual("（已加密）", "(sealed)")),
            unreadable: said(Bilingual("（无法解密）", "(cannot be opened)")),
            erased: said(Bilingual("（已删除）", "(erased)")))
    }
}

extension JSONValue {
    /// Whether this stands in place of an answer, as it lies sealed or erased or as programs read it then.
    public var isWithheld: Bool { isSealed || isErased || Withheld.data.instead.contains(self) }
}

extension SealedText {
    /// The text as its own person reads it; where no key opens it, words that say so.
    public func shown(by vault: Vault, in language: Language) -> String {
        (try? text(vault)) ?? Withheld.words(in: language).text(for: Withheld.data.unreadable)
    }
}
