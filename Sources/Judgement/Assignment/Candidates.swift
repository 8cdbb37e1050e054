/// Who may judge what, and how well it fits: for each application the experts that may judge it, with scores. Forbidden
/// pairs are simply not here.
public struct Candidates: Sendable {
    /// How many applications and experts there are; both are numbered from 0.
    public let applications: Int
    public let experts: Int
    /// Where the candidates of an application begin; one entry more than there are applications.
    public let offsets: [Int]
    /// The expert of each candidate pair, rising within an application.
    public let expert: [Int32]
    /// Its score in the smallest unit that all scores share.
    public let score: [Int64]

    /// How many candidate pairs there are.
    public var count: Int { expert.count }

    /// Candidates by application in the order of the arrays.
    init(applications: Int, experts: Int, offsets: [Int], expert: [Int32], score: [Int64]) {
        self.applications = applications
        self.experts = experts
        self.offsets = offsets
        self.expert = expert
        self.score = score
    }

    func withBuffers<Value>(
        _ body: (UnsafePointer<Int>, UnsafePointer<Int32>, UnsafePointer<Int64>) throws -> Value
    ) rethrows -> Value {
        try offsets.withUnsafeBufferPointer { offsets in
            try expert.withUnsafeBufferPointer { expert in
                try score.withUnsafeBufferPointer { score in
                    try body(start(offsets), start(expert), start(score))
                }
            }
        }
    }

    /// An empty array has no address; nothing is read from the one that stands for it.
    private func start<Element>(_ buffer: UnsafeBufferPointer<Element>) -> UnsafePointer<Element> {
        buffer.baseAddress ?? UnsafePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped
    }
}
