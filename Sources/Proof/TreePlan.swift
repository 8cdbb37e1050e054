/// A complete subtree: `1 << level` leaves, of which it is the `index`-th such group, counted from 0.
public struct NodePlace: Hashable, Sendable {
    public let level: Int
    public let index: Int

    public init(level: Int, index: Int) {
        self.level = level
        self.index = index
    }
}

/// Which hashes of a tree make its root or a proof (RFC 9162, 2.1). A plan only names complete subtrees, whose hashes
/// never change while the tree grows, so that a store can fetch all of them at once.
public struct TreePlan: Sendable {
    /// Each hash of the result, as the subtrees of which it is made, left to right.
    private let parts: [[NodePlace]]

    private init(_ ranges: [Range<Int>]) { parts = ranges.map(TreePlan.subtrees) }

    /// The root of the first `size` leaves; one hash.
    public static func root(of size: Int) -> TreePlan { TreePlan([0..<size]) }

    /// The audit path of a leaf in a tree of `size` leaves, from the leaf upwards.
    public static func inclusion(of leaf: Int, in size: Int) -> TreePlan {
        precondition(0 <= leaf && leaf < size)
        var ranges: [Range<Int>] = []
        var (low, high) = (0, size)
        while high - low > 1 {
            let middle = low + TreePlan.half(high - low)
            if leaf < middle {
                ranges.append(middle..<high)
                high = middle
            } else {
                ranges.append(low..<middle)
                low = middle
            }
        }
        return TreePlan(ranges.reversed())
    }

    /// The proof that a tree of `new` leaves begins with the tree of its first `old` leaves.
    public static func consistency(from old: Int, to new: Int) -> TreePlan {
        precondition(0 <= old && old <= new)
        guard old > 0, old < new else { return TreePlan([]) }
        var ranges: [Range<Int>] = []
        var (low, high) = (0, new)
        while old != high {
            let middle = low + TreePlan.half(high - low)
            if old <= middle {
                ranges.append(middle..<high)
                high = middle
            } else {
                ranges.append(low..<middle)
                low = middle
            }
        }
        // The old tree itself is known to whoever checks; only where it is no complete subtree its last part is given.
        if low > 0 { ranges.append(low..<high) }
        return TreePlan(ranges.reversed())
    }

    /// Every subtree that the plan needs.
    public var places: [NodePlace] { parts.flatMap { $0 } }

    /// The hashes of the plan, from those of its subtrees.
    public func hashes(_ node: (NodePlace) throws -> TreeHash) rethrows -> [TreeHash] {
        try parts.map { places in
            guard let last = places.last else { return .empty }
            return try places.dropLast().reversed().reduce(try node(last)) { .node(try node($1), $0) }
        }
    }

    /// The largest power of two below a number above one.
    private static func half(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }

    /// A range that begins at a multiple of its largest subtree, cut into complete subtrees.
    private static func subtrees(_ range: Range<Int>) -> [NodePlace] {
        var places: [NodePlace] = []
        var start = range.lowerBound
        for level in stride(from: Int.bitWidth - 2, through: 0, by: -1) where range.count >> level & 1 == 1 {
            places.append(NodePlace(level: level, index: start >> level))
            start += 1 << level
        }
        return places
    }
}

/// Checks proofs without the tree (RFC 9162, 2.1.3.2 and 2.1.4.2).
public enum TreeProof {
    /// Whether a leaf stands at a place of the tree that has this root.
    public static func includes(
        _ leaf: TreeHash, at index: Int, in size: Int, root: TreeHash, path: [TreeHash]
    ) -> Bool {
        guard 0 <= index, index < size else { return false }
        var (first, second) = (index, size - 1)
        var hash = leaf
        for step in path {
            guard second > 0 else { return false }
            if first & 1 == 1 || first == second {
                hash = .node(step, hash)
                while first & 1 == 0, first != 0 { (first, second) = (first >> 1, second >> 1) }
            } else {
                hash = .node(hash, step)
            }
            (first, second) = (first >> 1, second >> 1)
        }
        return second == 0 && hash == root
    }

    /// Whether the tree of `new` leaves begins with the one of `old` leaves.
    public static func extends(
        from old: Int, root oldRoot: TreeHash, to new: Int, root newRoot: TreeHash, path: [TreeHash]
    ) -> Bool {
        guard 0 <= old, old <= new else { return false }
        if old == new { return path.isEmpty && oldRoot == newRoot }
        if old == 0 { return path.isEmpty && oldRoot == .empty }
        let steps = old & (old - 1) == 0 ? [oldRoot] + path : path
        guard var before = steps.first else { return false }
        var after = before
        var (first, second) = (old - 1, new - 1)
        while first & 1 == 1 { (first, second) = (first >> 1, second >> 1) }
        for step in steps.dropFirst() {
            guard second > 0 else { return false }
            if first & 1 == 1 || first == second {
                before = .node(step, before)
                after = .node(step, after)
                while first & 1 == 0, first != 0 { (first, second) = (first >> 1, second >> 1) }
            } else {
                after = .node(after, step)
            }
            (first, second) = (first >> 1, second >> 1)
        }
        return second == 0 && before == oldRoot && after == newRoot
    }
}

/// A tree that only grows and keeps no more than its right edge; for reading a log from its beginning.
public struct GrowingTree: Sendable {
    /// Leaves so far.
    public private(set) var size = 0
    private var edge: [TreeHash] = []

    public init() {}

    public mutating func append(_ leaf: TreeHash) {
        var hash = leaf
        var rest = size
        while rest & 1 == 1 {
            hash = .node(edge.removeLast(), hash)
            rest >>= 1
        }
        edge.append(hash)
        size += 1
    }

    public var root: TreeHash {
        guard let last = edge.last else { return .empty }
        return edge.dropLast().reversed().reduce(last) { .node($1, $0) }
    }
}
