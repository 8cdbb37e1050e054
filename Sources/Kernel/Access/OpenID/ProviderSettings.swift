/// An identity provider at which people may sign in, as the operators named it.
public struct ProviderSettings: Sendable, CustomStringConvertible {
    /// Where the provider sends people back to.
    public static let returnPath = "/sign-in/provider/return"

    /// Its name for programs: an address under which it publishes what it is.
    public let issuer: String
    /// What it calls the house.
    public let client: String
    let secret: String
    /// What people call it.
    public let name: Bilingual
    /// The address that the provider knows of the house.
    public let returnAddress: String

    /// - Parameters:
    ///   - secret: what the house proves itself with.
    ///   - site: scheme and host under which people reach the house.
    public init(issuer: String, client: String, secret: String, name: Bilingual, site: String) {
        self.issuer = issuer
        self.client = client
        self.secret = secret
        self.name = name
        returnAddress = (site.hasSuffix("/") ? String(site.dropLast()) : site) + ProviderSettings.returnPath
    }

    /// Without the secret.
    public var description: String { "identity provider \(issuer)" }

    /// Whether an address can be that of a provider: over HTTPS, or on this machine.
    public static func isIssuer(_ address: String) -> Bool {
        OutsideRequest.isPlain(address) != nil && !address.contains("?")
    }

    /// Where the provider says what it is (OpenID Connect Discovery 1.0, 4).
    var discovery: String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }
}
