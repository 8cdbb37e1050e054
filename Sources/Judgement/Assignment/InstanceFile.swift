/// A large instance in binary: little-endian `int64 0x52564131, int32 P, R, int64 E, int32 demand[P], load[R],
/// institution[R], int64 offset[P + 1], int32 expert[E], int32 score[E]`; the candidates of application i are those
/// from `offset[i]` up to `offset[i + 1]`.
public struct InstanceFile: Sendable {
    public let candidates: Candidates
    public let demand: [Int]
    public let load: [Int]
    public let institutions: [Int]

    /// What is wrong with such a file.
    public struct Malformed: Error, Sendable {
        public let reason: String
    }

    /// Reads the whole file.
    /// - Throws: ``Malformed`` or ``AssignmentError``.
    public init(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count >= 24, bytes.loadUnaligned(fromByteOffset: 0, as: Int64.self) == 0x5256_4131 else {
            throw Malformed(reason: "it does not begin with the mark 0x52564131")
        }
        let applications = Int(bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self))
        let experts = Int(bytes.loadUnaligned(fromByteOffset: 12, as: Int32.self))
        let arcs = Int(bytes.loadUnaligned(fromByteOffset: 16, as: Int64.self))
        guard applications >= 0, experts >= 0, arcs >= 0, arcs < Int32.max,
            bytes.count == 24 + 12 * applications + 8 + 8 * experts + 8 * arcs
        else { throw Malformed(reason: "its length is not what its counts ask for") }
        var at = 24
        func take<Number: FixedWidthInteger, Value>(_ count: Int, _: Number.Type, _ body: (Number) -> Value) -> [Value]
        {
            defer { at += count * MemoryLayout<Number>.size }
            return (0..<count).map {
                body(bytes.loadUnaligned(fromByteOffset: at + $0 * MemoryLayout<Number>.size, as: Number.self))
            }
        }
        demand = take(applications, Int32.self) { Int($0) }
        load = take(experts, Int32.self) { Int($0) }
        institutions = take(experts, Int32.self) { Int($0) }
        let offsets = take(applications + 1, Int64.self) { Int($0) }
        let expert = take(arcs, Int32.self) { $0 }
        let score = take(arcs, Int32.self) { Int64($0) }
        candidates = try Candidates(
            applications: applications, experts: experts, offsets: offsets, expert: expert, score: score)
    }
}
