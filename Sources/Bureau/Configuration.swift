internal import Foundation
public import Kernel
import Portal

/// Where and how the house runs; checked whole before anything is opened.
public struct Configuration: Sendable {
    /// Folder of the embedded database, the files and the keys.
    public var dataDirectory: String
    /// `sqlite:PATH` or `postgres://…`; by default a SQLite file in the data folder.
    public var database: String
    public var host: String
    /// 0 lets the system choose.
    public var port: Int
    /// Folder name in `Jurisdictions`, e.g. `Shenzhen`.
    public var city: String
    public var jurisdictions: String
    /// Fills an empty house with the demonstration city and lets its clock be moved.
    public var demonstration: Bool
    /// `smtp://user:password@host:port`; nil keeps mail in the outbox.
    public var mail: String?
    /// The address under which people reach the house, for links in letters and mail.
    public var publicAddress: String
    /// Whether a proxy of the house stands before it and says in `X-Forwarded-For` who comes.
    public var trustsProxy: Bool
    /// Opens `/metrics` to other machines; nil opens it to this one only.
    public var operatorToken: String?
    /// Looks through uploads; nil where none is configured.
    public var scanner: VirusScanner?
    /// Roles that rest until their account signs in with a second factor.
    public var secondFactor: Set<Role>

    /// Where people may sign in as well; nil where that is nowhere.
    var provider: ProviderSettings?

    /// What the house speaks TLS with; nil where a proxy does, or nobody.
    var certificate: WebSettings.Certificate?

    /// How many requests are worked on at once; others wait in line, see ``Admission``.
    public var requestsAtOnce: Int

    /// Minutes for which a link to download something is good, see ``DownloadLink``.
    public var linkMinutes: Int

    /// - Parameter environment: `KECHUANG_DATABASE`, `KECHUANG_SMTP`, `KECHUANG_PUBLIC_ADDRESS`,
    ///   `KECHUANG_JURISDICTIONS`,
    ///   `KECHUANG_TRUST_PROXY`, `KECHUANG_METRICS_TOKEN`, `KECHUANG_SECOND_FACTOR`,
    ///   `KECHUANG_CLAMD`, `KECHUANG_REQUESTS_AT_ONCE`, `KECHUANG_LINK_MINUTES` and `KECHUANG_OIDC_…` are read.
    /// - Throws: ``ConfigurationError`` that lists all that is wrong.
    public init(
        dataDirectory: String, database: String? = nil, host: String = "127.0.0.1", port: Int = 8080,
        city: String = "Shenzhen", demonstration: Bool = true, tlsCertificate: String? = nil,
        tlsKey: String? = nil, environment: [String: String]
    ) throws(ConfigurationError) {
        self.dataDirectory = dataDirectory
        self.database = Configuration.database(database, data: dataDirectory, environment: environment)
        self.host = host
        self.port = port
        self.city = city
        self.demonstration = demonstration
        mail = environment["KECHUANG_SMTP"]
        certificate = tlsCertificate.flatMap { chain in
            tlsKey.map { WebSettings.Certificate(chain: chain, key: $0) }
        }
        let scheme = certificate == nil ? "http" : "https"
        publicAddress = environment["KECHUANG_PUBLIC_ADDRESS"] ?? "\(scheme)://\(host):\(port)"
        trustsProxy = environment["KECHUANG_TRUST_PROXY"] == "1"
        operatorToken = environment["KECHUANG_METRICS_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        scanner = environment["KECHUANG_CLAMD"].flatMap { VirusScanner($0) }
        requestsAtOnce = environment["KECHUANG_REQUESTS_AT_ONCE"].map { Int($0) ?? 0 } ?? Admission.usual
        linkMinutes = environment["KECHUANG_LINK_MINUTES"].map { Int($0) ?? 0 } ?? DownloadLink.usualMinutes
        secondFactor = Set(Configuration.roleWords(environment).compactMap(Role.init(rawValue:)))
        jurisdictions = JurisdictionFolder.root
        let (provider, providerFaults) = Configuration.provider(environment, site: publicAddress)
        self.provider = provider
        let faults =
            certificateFaults(hasHalf: (tlsCertificate == nil) != (tlsKey == nil)) + environmentFaults(environment)
            + providerFaults + placeFaults() + folderFaults()
        guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    }
}

extension Configuration {
    /// The address of the database: the one given, else that of `KECHUANG_DATABASE`, which keeps a password out of the
    /// list of processes, else a file in the data folder.
    public static func database(_ given: String?, data: String, environment: [String: String]) -> String {
        let named = environment["KECHUANG_DATABASE"].flatMap { $0.isEmpty ? nil : $0 }
        return given ?? named ?? "sqlite:\(data)/kechuang.sqlite"
    }
}

/// What may be wrong, each in both languages.
extension Configuration {
    private static func roleWords(_ environment: [String: String]) -> [String] {
        (environment["KECHUANG_SECOND_FACTOR"] ?? "").split(separator: ",").map(String.init)
    }

    private func certificateFaults(hasHalf: Bool) -> [Bilingual] {
        var faults: [Bilingual] = []
        if hasHalf {
            faults.append(
                Bilingual(
                    "--tls-certificate 和 --tls-key 须同时给出", "--tls-certificate and --tls-key belong together"))
        }
        if certificate != nil, !WebSettings.Certificate.isUsable {
            faults.append(
                Bilingual(
                    "本程序编译时未带 TLS，请用 script/server 编译带 TLS 的程序（swift build --traits TLS）",
                    "this build speaks no TLS; script/server builds one that does (swift build --traits TLS)"))
        }
        return faults
    }

    private func environmentFaults(_ environment: [String: String]) -> [Bilingual] {
        var faults: [Bilingual] = []
        if environment["KECHUANG_CLAMD"] != nil, scanner == nil {
            faults.append(
                Bilingual(
                    "KECHUANG_CLAMD 须为 unix:/路径 或 主机:端口", "KECHUANG_CLAMD is neither unix:/PATH nor host:port"))
        }
        if !(1...10_000).contains(requestsAtOnce) {
            faults.append(
                Bilingual(
                    "KECHUANG_REQUESTS_AT_ONCE 须为 1 至 10000 的整数",
                    "KECHUANG_REQUESTS_AT_ONCE is no number from 1 to 10000"))
        }
        if !(1...1_440).contains(linkMinutes) {
            faults.append(
                Bilingual(
                    "KECHUANG_LINK_MINUTES 须为 1 至 1440 的整数", "KECHUANG_LINK_MINUTES is no number from 1 to 1440"))
        }
        faults += Configuration.roleWords(environment).filter { Role(rawValue: $0) == nil }.map {
            Bilingual("KECHUANG_SECOND_FACTOR：“\($0)”不是角色", "KECHUANG_SECOND_FACTOR: '\($0)' is no role")
        }
        if let operatorToken, operatorToken.utf8.count < 16 {
            faults.append(
                Bilingual(
                    "KECHUANG_METRICS_TOKEN 不足 16 个字符", "KECHUANG_METRICS_TOKEN is shorter than 16 characters"))
        }
        return faults
    }

    private func placeFaults() -> [Bilingual] {
        var faults: [Bilingual] = []
        if !(0...65_535).contains(port) {
            faults.append(Bilingual("端口 \(port) 不在 0 至 65535 之间", "port \(port) is not between 0 and 65535"))
        }
        if !["sqlite:", "postgres://", "postgresql://"].contains(where: { database.hasPrefix($0) }) {
            let shown = Configuration.withoutSecret(database)
            faults.append(
                Bilingual(
                    "数据库地址“\(shown)”须为 sqlite:路径 或 postgres://…",
                    "database '\(shown)' is neither sqlite:PATH nor postgres://…"))
        }
        if !FileManager.default.fileExists(atPath: "\(jurisdictions)/\(city)/city.yaml") {
            faults.append(
                Bilingual("“\(jurisdictions)”中没有城市“\(city)”", "no city '\(city)' in '\(jurisdictions)'"))
        }
        return faults
    }

    private func folderFaults() -> [Bilingual] {
        do {
            try FileManager.default.createDirectory(atPath: dataDirectory, withIntermediateDirectories: true)
        } catch {
            return [Bilingual("无法建立文件夹“\(dataDirectory)”", "folder '\(dataDirectory)' cannot be made")]
        }
        guard !FileManager.default.isWritableFile(atPath: dataDirectory) else { return [] }
        return [Bilingual("文件夹“\(dataDirectory)”不可写", "folder '\(dataDirectory)' cannot be written")]
    }

    /// An address as messages may show it: the name and the password before the last `@` and the settings after `?`
    /// are left out. Somebody who mistyped the address may have mistyped around the password as well, so whatever
    /// could be one goes, even where it is none.
    static func withoutSecret(_ address: String) -> String {
        let colon = address.firstIndex(of: ":").map { address.index(after: $0) } ?? address.startIndex
        let start = address[colon...].firstIndex { $0 != "/" } ?? address.endIndex
        // The other form of an address that PostgreSQL knows, `host=… password=…`, and settings.
        if let word = address.range(of: "password", options: .caseInsensitive) {
            return "\(address[..<min(word.lowerBound, start)])…"
        }
        var rest = String(address[start...])
        if let at = rest.lastIndex(of: "@") { rest = "…\(rest[at...])" }
        if let settings = rest.firstIndex(of: "?") { rest = "\(rest[..<settings])?…" }
        return "\(address[..<start])\(rest)"
    }
}

/// What is wrong with the configuration, all at once.
public struct ConfigurationError: Problem, CustomStringConvertible {
    public let faults: [Bilingual]

    init(faults: [Bilingual]) { self.faults = faults }

    public var kind: ProblemKind { .invalid }
    public var code: String { "configuration" }
    public var message: Bilingual {
        Bilingual(faults.map(\.zh).joined(separator: "；"), faults.map(\.en).joined(separator: "; "))
    }
    public var description: String { message.en }
}
