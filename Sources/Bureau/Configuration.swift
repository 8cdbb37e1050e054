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

    /// What the house speaks TLS with; nil where a proxy does, or nobody.
    var certificate: WebSettings.Certificate?

    /// How many requests are worked on at once; others wait in line, see ``Admission``.
    public var requestsAtOnce: Int

    /// - Parameter environment: `KECHUANG_SMTP`, `KECHUANG_PUBLIC_ADDRESS`, `KECHUANG_JURISDICTIONS`,
    ///   `KECHUANG_TRUST_PROXY`, `KECHUANG_METRICS_TOKEN`, `KECHUANG_SECOND_FACTOR`,
    ///   `KECHUANG_CLAMD` and `KECHUANG_REQUESTS_AT_ONCE` are read.
    /// - Throws: ``ConfigurationError`` that lists all that is wrong.
    public init(
        dataDirectory: String, database: String? = nil, host: String = "127.0.0.1", port: Int = 8080,
        city: String = "Shenzhen", demonstration: Bool = true, tlsCertificate: String? = nil,
        tlsKey: String? = nil, environment: [String: String]
    ) throws(ConfigurationError) {
        var faults: [String] = []
        self.dataDirectory = dataDirectory
        self.database = database ?? "sqlite:\(dataDirectory)/kechuang.sqlite"
        self.host = host
        self.port = port
        self.city = city
        self.demonstration = demonstration
        mail = environment["KECHUANG_SMTP"]
        certificate = tlsCertificate.flatMap { chain in
            tlsKey.map { WebSettings.Certificate(chain: chain, key: $0) }
        }
        if (tlsCertificate == nil) != (tlsKey == nil) {
            faults.append("--tls-certificate and --tls-key belong together")
        }
        if certificate != nil, !WebSettings.Certificate.isUsable {
            faults.append("this build speaks no TLS; script/server builds one that does (swift build --traits TLS)")
        }
        let scheme = certificate == nil ? "http" : "https"
        publicAddress = environment["KECHUANG_PUBLIC_ADDRESS"] ?? "\(scheme)://\(host):\(port)"
        trustsProxy = environment["KECHUANG_TRUST_PROXY"] == "1"
        operatorToken = environment["KECHUANG_METRICS_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        scanner = environment["KECHUANG_CLAMD"].flatMap { VirusScanner($0) }
        if environment["KECHUANG_CLAMD"] != nil, scanner == nil {
            faults.append("KECHUANG_CLAMD is neither unix:/PATH nor host:port")
        }
        let atOnce = environment["KECHUANG_REQUESTS_AT_ONCE"].map { Int($0) ?? 0 } ?? Admission.usual
        requestsAtOnce = atOnce
        if !(1...10_000).contains(atOnce) { faults.append("KECHUANG_REQUESTS_AT_ONCE is no number from 1 to 10000") }
        let words = (environment["KECHUANG_SECOND_FACTOR"] ?? "").split(separator: ",").map(String.init)
        secondFactor = Set(words.compactMap(Role.init(rawValue:)))
        faults += words.filter { Role(rawValue: $0) == nil }.map { "KECHUANG_SECOND_FACTOR: '\($0)' is no role" }
        jurisdictions = JurisdictionFolder.root
        if let operatorToken, operatorToken.utf8.count < 16 {
            faults.append("KECHUANG_METRICS_TOKEN is shorter than 16 characters")
        }
        if !(0...65_535).contains(port) { faults.append("port \(port) is not between 0 and 65535") }
        if !self.database.hasPrefix("sqlite:") && !self.database.hasPrefix("postgres://")
            && !self.database.hasPrefix("postgresql://")
        {
            faults.append("database '\(self.database)' is neither sqlite:PATH nor postgres://…")
        }
        if !FileManager.default.fileExists(atPath: "\(jurisdictions)/\(city)/city.yaml") {
            faults.append("no city '\(city)' in '\(jurisdictions)'")
        }
        do {
            try FileManager.default.createDirectory(atPath: dataDirectory, withIntermediateDirectories: true)
            if !FileManager.default.isWritableFile(atPath: dataDirectory) {
                faults.append("folder '\(dataDirectory)' cannot be written")
            }
        } catch {
            faults.append("folder '\(dataDirectory)' cannot be made")
        }
        guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    }
}

/// What is wrong with the configuration, all at once.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    public let faults: [String]
    public var description: String { faults.joined(separator: "; ") }
}
