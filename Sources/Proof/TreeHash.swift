import CCrypto
internal import Foundation

/// A SHA-256 hash of the record's tree, kept without a heap allocation: a log has millions.
public struct TreeHash: Hashable, Sendable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0
    private var fourth: UInt64 = 0

    private init() {}

    /// - Parameter bytes: 32 of them; nil for any other number.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: bytes) }
    }

    /// Reads standard base64 of 32 bytes.
    public init?(base64 text: String) {
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        self.init(data)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
    /// Standard base64, as checkpoints and proofs print a hash.
    public var base64: String { Data(bytes).base64EncodedString() }

    /// The hash of a leaf: SHA-256 over 0x00 and its bytes (RFC 9162, 2.1.1).
    public static func leaf(_ bytes: some Sequence<UInt8>) -> TreeHash {
        var result = TreeHash()
        let done: Void? = bytes.withContiguousStorageIfAvailable { storage in
            withUnsafeMutableBytes(of: &result) {
                kechuang_tree_leaf(storage.baseAddress, storage.count, $0.baseAddress)
            }
        }
        return done == nil ? leaf(Array(bytes)) : result
    }

    /// The hash of an inner node: SHA-256 over 0x01 and both hashes below it (RFC 9162, 2.1.1).
    public static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        var result = TreeHash()
        withUnsafeBytes(of: left) { left in
            withUnsafeBytes(of: right) { right in
                withUnsafeMutableBytes(of: &result) {
                    kechuang_tree_node(left.baseAddress, right.baseAddress, $0.baseAddress)
                }
            }
        }
        return result
    }

    /// The root of a tree without leaves: SHA-256 over nothing.
    public static let empty: TreeHash = {
        var result = TreeHash()
        withUnsafeMutableBytes(of: &result) { _ = SHA256(nil, 0, $0.bindMemory(to: UInt8.self).baseAddress) }
        return result
    }()

    /// 32 bytes each, one after the other.
    public static func joined(_ hashes: some Sequence<TreeHash>) -> [UInt8] { hashes.flatMap(\.bytes) }

    /// Splits what ``joined(_:)`` made; nil where it is no whole number of hashes.
    public static func split(_ bytes: [UInt8]) -> [TreeHash]? {
        guard bytes.count.isMultiple(of: 32) else { return nil }
        return stride(from: 0, to: bytes.count, by: 32).compactMap { TreeHash(bytes[$0..<($0 + 32)]) }
    }
}
