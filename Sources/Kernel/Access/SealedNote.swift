/// Something that the house gives a browser to keep for a while, which the browser can neither read nor change.
///
/// Answers are sealed with the same key, and what somebody answers may look like a note: a signature over what it is
/// for, outside of the sealed bytes, tells a note from everything else that the house seals.
enum SealedNote {
    static func seal(
        _ members: [String: JSONValue], for use: String, until ends: Instant, by vault: Vault
    ) throws -> String {
        var members = members
        members["use"] = .string(use)
        members["until"] = .integer(ends.microseconds)
        let sealed = Base64URL.text(try vault.seal(bytes: JSONValue.object(members).canonicalBytes))
        return "\(sealed).\(vault.signature(of: signed(sealed, for: use)))"
    }

    /// - Parameter seconds: for how long the house makes notes of this use.
    /// - Returns: nil also for one that is good for longer; the clocks of two processes may differ.
    static func open(
        _ text: String, for use: String, within seconds: Int = Errand.seconds, by vault: Vault, at now: Instant
    ) -> (JSONValue, ends: Instant)? {
        guard text.utf8.count <= 8_192 else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let latest = now.adding(seconds: seconds).microseconds + SignedToken.skew * 1_000_000
        guard parts.count == 2, vault.isSigned(signed(parts[0], for: use), as: parts[1]),
            let sealed = Base64URL.bytes(parts[0]), let plain = try? vault.open(bytes: sealed),
            let json = try? JSONValue(parsing: plain), json["use"]?.string == use,
            let until = json["until"]?.integer, until > now.microseconds, until <= latest
        else { return nil }
        return (json, Instant(microseconds: until))
    }

    private static func signed(_ sealed: String, for use: String) -> String { "note:\(use):\(sealed)" }
}
