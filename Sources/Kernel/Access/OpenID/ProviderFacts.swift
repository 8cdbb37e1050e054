/// What a provider publishes of itself (OpenID Connect Discovery 1.0, 3), and its keys.
struct ProviderFacts: Sendable {
    /// Where people sign in.
    let authorization: String
    /// Where a code becomes a token.
    let token: String
    let keys: [ProviderKey]
    /// Whether it takes the secret of the house in the form alone, not in a header.
    let takesSecretInForm: Bool
    let loadedAt: Instant

    /// Asks the provider for both.
    /// - Throws: ``IdentityError/unreachable``, ``IdentityError/unusable(_:)``.
    static func load(
        _ settings: ProviderSettings, at now: Instant, _ ask: IdentityProvider.Ask
    ) async throws -> ProviderFacts {
        let said = try await document(settings.discovery, ask)
        guard said["issuer"]?.string == settings.issuer else { throw IdentityError.unusable(.issuer) }
        let mayBePlain = OutsideRequest.isPlain(settings.issuer) == true
        func address(_ name: String) throws -> String {
            guard let text = said[name]?.string, let isPlain = OutsideRequest.isPlain(text), !isPlain || mayBePlain
            else { throw IdentityError.unusable(.addresses) }
            return text
        }
        let (authorization, token) = (try address("authorization_endpoint"), try address("token_endpoint"))
        let keys = ProviderKey.all(try await document(try address("jwks_uri"), ask))
        guard !keys.isEmpty else { throw IdentityError.unusable(.keys) }
        // What is left out means the header.
        let ways = said["token_endpoint_auth_methods_supported"]?.array?.compactMap(\.string) ?? ["client_secret_basic"]
        let takesHeader = ways.contains("client_secret_basic")
        guard takesHeader || ways.contains("client_secret_post") else { throw IdentityError.unusable(.client) }
        return ProviderFacts(
            authorization: authorization, token: token, keys: keys, takesSecretInForm: !takesHeader, loadedAt: now)
    }

    private static func document(_ address: String, _ ask: IdentityProvider.Ask) async throws -> JSONValue {
        let answer = try await answer(to: OutsideRequest(address), ask)
        guard answer.status == 200, let json = try? JSONValue(parsing: answer.body, fractions: true) else {
            throw answer.status >= 500 ? IdentityError.unreachable : IdentityError.unusable(.answer)
        }
        return json
    }

    /// - Throws: ``IdentityError/unreachable`` where there is no answer.
    static func answer(
        to request: OutsideRequest, _ ask: IdentityProvider.Ask
    ) async throws -> OutsideAnswer {
        do { return try await ask(request) } catch is OutsideError { throw IdentityError.unreachable }
    }

    /// The address at which somebody signs in for an errand (OpenID Connect Core 1.0, 3.1.2.1; RFC 7636, 4.3).
    func address(for errand: Errand, _ settings: ProviderSettings) -> String {
        let query = FormText.encode([
            ("response_type", "code"), ("client_id", settings.client), ("redirect_uri", settings.returnAddress),
            ("scope", "openid profile"), ("state", errand.state), ("nonce", errand.nonce),
            ("code_challenge", errand.challenge), ("code_challenge_method", "S256"),
        ])
        return "\(authorization)\(authorization.contains("?") ? "&" : "?")\(query)"
    }

    /// The request that turns a code into a token (OpenID Connect Core 1.0, 3.1.3.1; RFC 7636, 4.5).
    func redemption(of code: String, _ errand: Errand, _ settings: ProviderSettings) -> OutsideRequest {
        var form = [
            "grant_type": "authorization_code", "code": code, "redirect_uri": settings.returnAddress,
            "code_verifier": errand.verifier,
        ]
        guard takesSecretInForm else {
            return OutsideRequest(token, form: form, login: .init(name: settings.client, password: settings.secret))
        }
        form["client_id"] = settings.client
        form["client_secret"] = settings.secret
        return OutsideRequest(token, form: form)
    }
}
