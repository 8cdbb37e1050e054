import Foundation
import Kernel
public import Logging
import Portal
import ServiceLifecycle
import Store
import UnixSignals

extension Services {
    /// Serves until the process is told to stop.
    /// - Parameter onListening: told the port once requests are answered.
    public func serve(
        _ configuration: Configuration, logger: Logger, onListening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let assets = Assets(SiteLayout.assets)
        let layout = SiteLayout(
            bureau: house.city.bureau, contact: house.city.contact, assets: assets, isDemonstration: isDemonstration)
        var settings = WebSettings(
            host: configuration.host, port: configuration.port, site: configuration.publicAddress,
            formKey: try Keys.load("\(configuration.dataDirectory)/keys/forms.key"), spoolFolder: house.files.spool)
        settings.certificate = configuration.certificate
        settings.trustsProxy = configuration.trustsProxy
        settings.operatorToken = configuration.operatorToken
        let web = WebService(
            settings,
            WebService.Parts(
                table: try routeTable(), doorkeeper: doorkeeper, assets: assets,
                layout: { page, frame in layout.render(page, frame) }, clock: clock, ids: house.ids,
                idempotency: IdempotencyStore.keys(house.db, vault: house.vault), traffic: traffic,
                admission: admission),
            logger: logger, onListening: onListening)
        var jobs = Jobs(services: self, mail: try configuration.mailServer())
        jobs.logger = logger
        var uptime = uptime
        uptime.logger = logger
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [web, uptime, jobs], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        await house.db.close()
    }
}

extension Configuration {
    /// The mail server, from `smtp://user:password@host:port?from=address`.
    func mailServer() throws(ConfigurationError) -> MailServer? {
        guard let mail else { return nil }
        guard let parts = URLComponents(string: mail), let scheme = parts.scheme, let host = parts.host,
            ["smtp", "smtps"].contains(scheme)
        else {
            throw ConfigurationError(
                faults: [
                    Bilingual(
                        "KECHUANG_SMTP 不是如 smtp://user:password@host:25 的地址",
                        "KECHUANG_SMTP is no address such as smtp://user:password@host:25")
                ])
        }
        let from = parts.queryItems?.first { $0.name == "from" }?.value ?? "no-reply@\(host)"
        return MailServer(
            url: "\(scheme)://\(host):\(parts.port ?? (scheme == "smtps" ? 465 : 25))", user: parts.user ?? "",
            password: parts.password ?? "", from: from)
    }
}
