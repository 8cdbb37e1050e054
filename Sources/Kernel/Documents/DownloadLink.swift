/// A link that gives one file, or the package of one case, without signing in: a reader makes it for themselves, for a
/// short time, for a program that fetches files.
///
/// It names what, for whom and until when, and is signed by the house over these and the hash of the file, so that
/// nothing is stored, and a file that was changed is not given under an old link. It tells nothing that its maker does
/// not know. Whether the maker may still see the file is asked again when it is used.
public struct DownloadLink: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        case document(ID<Document>)
        case package(ID<CaseFile>)
    }

    /// Minutes for which a link is good where the house says nothing else.
    public static let usualMinutes = 15

    public let target: Target
    public let account: ID<Account>
    /// The first moment at which it gives nothing more, in whole seconds.
    public let until: Instant

    public init(_ target: Target, for account: ID<Account>, until: Instant) {
        self.target = target
        self.account = account
        self.until = Instant(microseconds: until.microseconds / 1_000_000 * 1_000_000)
    }

    /// Reads the last part of an address. Nothing is proven by that; see ``check(_:hash:at:_:)``.
    /// - Throws: ``DownloadError/altered``.
    public static func read(_ text: String) throws(DownloadError) -> (link: DownloadLink, signature: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, isIdentity(parts[1]), isIdentity(parts[2]), let seconds = Int64(parts[3]),
            (0...99_999_999_999).contains(seconds), String(seconds).utf8.elementsEqual(parts[3].utf8)
        else { throw .altered }
        let target: Target
        if parts[0].utf8.elementsEqual("d".utf8) {
            target = .document(ID(parts[1]))
        } else if parts[0].utf8.elementsEqual("p".utf8) {
            target = .package(ID(parts[1]))
        } else {
            throw .altered
        }
        let until = Instant(microseconds: seconds * 1_000_000)
        return (DownloadLink(target, for: ID(parts[2]), until: until), parts[4])
    }

    private static func isIdentity(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// The last part of its address.
    /// - Parameter hash: of the file; empty for a package, which is made anew each time.
    public func text(hash: String, _ vault: Vault) -> String {
        "\(named).\(vault.signature(of: signed(hash)))"
    }

    /// Refuses what the house did not sign, and what is over.
    /// - Throws: ``DownloadError/altered``, ``DownloadError/expired``.
    public func check(_ signature: String, hash: String, at now: Instant, _ vault: Vault) throws(DownloadError) {
        guard vault.isSigned(signed(hash), as: signature) else { throw .altered }
        guard now < until else { throw .expired }
    }

    private var named: String {
        let seconds = until.microseconds / 1_000_000
        return switch target {
        case .document(let id): "d.\(id).\(account).\(seconds)"
        case .package(let id): "p.\(id).\(account).\(seconds)"
        }
    }

    private func signed(_ hash: String) -> String { "download-link:\(named):\(hash)" }
}

/// Why a link to download something is not made, or gives nothing.
public enum DownloadError: Problem, Hashable {
    /// The house did not write it so, or the file is another one by now.
    case altered
    case expired
    /// Whoever made it has no account any more, or may not see the file any more.
    case revoked
    /// Sensitive papers are shown one by one, with a reason.
    case sensitive

    public var kind: ProblemKind { self == .expired ? .gone : .forbidden }

    public var code: String {
        switch self {
        case .altered: "download.altered"
        case .expired: "download.expired"
        case .revoked: "download.revoked"
        case .sensitive: "download.sensitive"
        }
    }

    public var message: Bilingual {
        switch self {
        case .altered:
            Bilingual(
                "下载链接不完整或被改动，或者文件已经更换。请登录后重新生成链接。",
                "This link is not whole, was changed, or the file is another one by now. Sign in and make a new link.")
        case .expired:
            Bilingual("下载链接已过期，请登录后重新生成。", "This link is over. Sign in and make a new one.")
        case .revoked:
            Bilingual(
                "下载链接已失效：生成链接的账号已停用，或已无权查看该文件。",
                "This link is no longer good: the account that made it is closed, or may not see the file any more.")
        case .sensitive:
            Bilingual(
                "敏感附件须登录并写明理由后逐件查看，不能生成下载链接。",
                "Sensitive files are shown one by one, with a reason; no link is made to them.")
        }
    }
}
