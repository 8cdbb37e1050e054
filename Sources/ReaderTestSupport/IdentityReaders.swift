@testable import Kernel

extension OutsideReader {
    /// What says who somebody is: tokens and keys of an identity provider, what the house had a browser carry.
    static let identities: [OutsideReader] = [
        OutsideReader(
            "tokens", words: [".", "eyJhbGciOiJFUzI1NiJ9", "eyJhbGciOiJub25lIn0"], [token],
            refused: ["a.b", "..", "eyJhbGciOiJub25lIn0.e30.", "e30.e30.e30"]
        ) { bytes in
            let given = text(bytes)
            let read = try SignedToken(given)
            if (try? read.verify(by: ProviderKey.all(JSONValue(parsing: keys)))) != nil {
                let signed = token.split(separator: ".").prefix(2)
                try law(given.split(separator: ".").prefix(2) == signed, "a forged token was believed")
            }
        },
        // What a token says, before it goes into one: no change of a token's base64 would be JSON again.
        OutsideReader(
            "claims",
            words: ["iss", "aud", "azp", "sub", "nonce", "iat", "exp", "nbf", "name"].map { "\"\($0)\":" },
            [
                #"{"iss":"joe","aud":"house","sub":"u-1","nonce":"n","iat":1794999990,"exp":1795000300,"name":"林小明"}"#,
                #"{"iss":"joe","aud":["a","house"],"azp":"house","sub":"u","nonce":"n","iat":1795000000.5,"exp":1795000300}"#,
            ],
            refused: [
                #"{"iss":"joe","aud":"house","sub":"u","nonce":"m","iat":1795000000,"exp":1795000300}"#, "{}", "",
            ]
        ) { bytes in
            let parts = token.split(separator: ".")
            let read = try SignedToken("\(parts[0]).\(Base64URL.text(bytes)).\(parts[2])")
            let found = try read.identity(from: settings, nonce: "n", at: now)
            let fits = found.issuer == "joe" && ProviderIdentity.isSubject(found.subject) && found.name.count <= 100
            try law(fits, "somebody was believed who cannot be: \(found)")
        },
        OutsideReader(
            "provider-keys",
            words: ["\"keys\":", "\"kty\":\"RSA\"", "\"kty\":\"EC\"", "\"P-256\"", "\"AQAB\"", "\"use\":"],
            [keys], refused: [#"{"keys":[]}"#, "[]"]
        ) { bytes in
            let found = ProviderKey.all(try JSONValue(parsing: bytes, fractions: true))
            guard !found.isEmpty else { throw Refusal() }
            for key in found.prefix(4) {
                try law(!key.verifies([UInt8](repeating: 0, count: 64), [1]), "a key vouches for anything")
            }
        },
        OutsideReader(
            "download-links", longest: 400, words: ["d.", "p.", "."], making: { [Array(link.utf8)] },
            refused: ["", "d.a.b.1.c", link + "0"]
        ) { bytes in
            let given = text(bytes)
            let (read, signature) = try DownloadLink.read(given)
            try read.check(signature, hash: "h", at: now, vault)
            try law(given == link, "a forged link gives a file: \(given)")
        },
        OutsideReader(
            "errands", words: ["SwE"],
            making: {
                [Array(try Errand(.link, account: ID("0190aaaa"), back: "/account", at: now).sealed(by: vault).utf8)]
            }, refused: ["", "SwE", link]
        ) { bytes in
            let errand = try taken(Errand(opening: text(bytes), by: vault, at: now))
            try law(errand.back == "/account" && errand.account == ID("0190aaaa"), "a forged errand is believed")
        },
    ]

    private static let now = Instant(microseconds: 1_795_000_000_000_000)
    private static let vault = Vault(key: [UInt8](repeating: 3, count: 32))
    private static let settings = ProviderSettings(
        issuer: "joe", client: "house", secret: "s", name: Bilingual("认证", "ID"), site: "https://house.example.cn")

    private static let link = DownloadLink(
        .document(ID("0190aaaa-0000-7000-8000-000000000001")), for: ID("0190aaaa-0000-7000-8000-000000000002"),
        until: now.adding(seconds: 60)
    ).text(hash: "h", vault)

    /// The examples of RFC 7515, A.3 and A.2: a token, and the keys of that and of another one.
    private static let token = """
        eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19\
        yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU\
        1Q
        """
    private static let keys = """
        {"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m3\
        6HLN_tue659LNpXW6pCyStikYjKIWI5a0"},{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_w\
        WJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b326\
        90r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTB\
        QY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FR\
        WyuXpoQ"}]}
        """
}
