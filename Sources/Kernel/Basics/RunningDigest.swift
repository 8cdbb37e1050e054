import CCrypto

/// SHA-256 of bytes that come in pieces, so that a file of any size needs the same memory.
public final class RunningDigest {
    private let context: OpaquePointer?
    /// Bytes taken so far.
    public private(set) var count = 0

    /// Starts with nothing taken.
    public init() {
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes the next piece.
    public func add(_ bytes: [UInt8]) {
        EVP_DigestUpdate(context, bytes, bytes.count)
        count += bytes.count
    }

    /// The hash of all pieces in lower-case hexadecimal text; nothing may be added afterwards.
    public func finish() -> String {
        var result = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &result, nil)
        return Digest.hex(result)
    }
}
