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

    /// Candidates by application. They are put in the order of experts, so that the order of the input has no say.
    /// - Throws: ``AssignmentError/sizes(_:)``, ``AssignmentError/range(_:)`` for experts that do not exist or come
    ///   twice on one application, or ``AssignmentError/tooFine``.
    public init(
        applications: Int, experts: Int, offsets: [Int], expert: [Int32], score: [Int64]
    ) throws(AssignmentError) {
        guard offsets.count == applications + 1, offsets.first == 0, offsets.last == expert.count,
            expert.count == score.count, zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw .sizes("candidates") }
        guard applications < Int(Int32.max), experts < Int(Int32.max) else { throw .range("the number of experts") }
        guard score.allSatisfy({ $0.magnitude < 1 << 58 }) else { throw .tooFine }
        var (sortedExpert, sortedScore) = (expert, score)
        for application in 0..<applications {
            let range = offsets[application]..<offsets[application + 1]
            let isRising = expert.withUnsafeBufferPointer { expert in
                range.dropFirst().allSatisfy { expert[$0 - 1] < expert[$0] }
            }
            if !isRising {
                let order = range.sorted { expert[$0] < expert[$1] }
                for (place, index) in zip(range, order) {
                    sortedExpert[place] = expert[index]
                    sortedScore[place] = score[index]
                    if place > range.lowerBound, sortedExpert[place - 1] == expert[index] {
                        throw .range("expert \(expert[index]), twice on application \(application),")
                    }
                }
            }
            if let last = range.last, sortedExpert[range.lowerBound] < 0 || sortedExpert[last] >= experts {
                throw .range("an expert of application \(application)")
            }
        }
        self.init(sorted: sortedExpert, sortedScore, offsets: offsets, applications: applications, experts: experts)
    }

    /// Candidates that are known to be in order.
    init(sorted expert: [Int32], _ score: [Int64], offsets: [Int], applications: Int, experts: Int) {
        self.applications = applications
        self.experts = experts
        self.offsets = offsets
        self.expert = expert
        self.score = score
    }

    /// The score of a pair; nil where it is not allowed.
    public func score(_ pair: Pair) -> Int64? {
        var (low, high) = (offsets[pair.application], offsets[pair.application + 1])
        while low < high {
            let middle = (low + high) / 2
            if Int(expert[middle]) < pair.expert { low = middle + 1 } else { high = middle }
        }
        return low < offsets[pair.application + 1] && Int(expert[low]) == pair.expert ? score[low] : nil
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
