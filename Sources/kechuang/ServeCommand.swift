import ArgumentParser
import Bureau
import Foundation
import Kernel
import Logging

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves the portal; fills a demonstration city into an empty database.")

    @Option(help: "sqlite:PATH or postgres://user@host:port/name; by default $KECHUANG_DATABASE, or a file in --data.")
    var database: String?
    @Option(help: "Folder of the database, the files and the keys.")
    var data = "var"
    @Option(help: "Port to listen on; 0 takes a free one.")
    var port = 8080
    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"
    @Option(help: "File with the certificate and those above it (PEM); the house then speaks TLS itself.")
    var tlsCertificate: String?
    @Option(help: "File with the key of the certificate (PEM).")
    var tlsKey: String?
    @Option(help: "Folder name of the city in Jurisdictions.")
    var city = "Shenzhen"
    @Option(help: "What is logged: trace, debug, info (every request), notice, warning or error.")
    var logLevel = "warning"
    @Flag(help: "Log one JSON object a line.")
    var logJson = false
    @Flag(help: "Start without a demonstration city.")
    var empty = false
    @Flag(help: "Print one line of JSON with the address and the demonstration accounts.")
    var json = false

    func run() async throws {
        try await Failure.catching {
            guard let level = Logger.Level(rawValue: logLevel) else {
                throw PlainProblem.command(
                    "--log-level：“\(logLevel)”无效，请填写 trace、debug、info、notice、warning 或 error。",
                    "--log-level: '\(logLevel)' is none of trace, debug, info, notice, warning, error.")
            }
            let configuration = try Configuration(
                dataDirectory: data, database: database, host: host, port: port, city: city, demonstration: !empty,
                tlsCertificate: tlsCertificate, tlsKey: tlsKey, environment: ProcessInfo.processInfo.environment)
            let services = try await Services.open(configuration, serves: true)
            if !empty, try await DemonstrationCity(services).fill(), !json {
                Out.line("Filled the demonstration city.")
            }
            var logger =
                logJson
                ? Logger(label: "kechuang") { JSONLog(label: $0) }
                : Logger(label: "kechuang") { StreamLogHandler.standardError(label: $0) }
            logger.logLevel = level
            let isJSON = json
            let scheme = tlsCertificate == nil ? "http" : "https"
            try await services.serve(configuration, logger: logger) { port in
                if isJSON {
                    return Out.json(ServeCommand.started("\(scheme)://\(configuration.host):\(port)", empty: empty))
                }
                Out.line("Kechuang 科创 is at \(scheme)://\(configuration.host):\(port)  (stop with Ctrl-C)")
                guard !empty else { return }
                Out.line("Demonstration accounts, password \(DemonstrationCity.password):")
                for account in DemonstrationCity.accounts {
                    let gap = String(repeating: " ", count: max(1, 14 - account.login.count))
                    Out.line("  \(account.login)\(gap)\(account.what.zh) / \(account.what.en)")
                }
            }
        }
    }

    private static func started(_ address: String, empty: Bool) -> JSONValue {
        let accounts = DemonstrationCity.accounts.map { account -> JSONValue in
            [
                "login": .string(account.login), "password": .string(DemonstrationCity.password),
                "what": ["zh": .string(account.what.zh), "en": .string(account.what.en)],
            ]
        }
        return ["address": .string(address), "accounts": .array(empty ? [] : accounts)]
    }
}
