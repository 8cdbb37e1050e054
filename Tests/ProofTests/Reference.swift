import Proof

/// The tree as RFC 9162 defines it, word for word and without any thought of speed; the code is checked against it.
enum Reference {
    static func root(_ leaves: ArraySlice<TreeHash>) -> TreeHash {
        guard leaves.count > 1 else { return leaves.first ?? .empty }
        let (left, right) = halves(leaves)
        return .node(root(left), root(right))
    }

    static func path(_ index: Int, _ leaves: ArraySlice<TreeHash>) -> [TreeHash] {
        guard leaves.count > 1 else { return [] }
        let (left, right) = halves(leaves)
        return index < left.count
            ? path(index, left) + [root(right)] : path(index - left.count, right) + [root(left)]
    }

    static func consistency(_ old: Int, _ leaves: ArraySlice<TreeHash>) -> [TreeHash] {
        old == 0 ? [] : part(old, leaves, isWhole: true)
    }

    private static func part(_ old: Int, _ leaves: ArraySlice<TreeHash>, isWhole: Bool) -> [TreeHash] {
        if old == leaves.count { return isWhole ? [] : [root(leaves)] }
        let (left, right) = halves(leaves)
        return old <= left.count
            ? part(old, left, isWhole: isWhole) + [root(right)]
            : part(old - left.count, right, isWhole: false) + [root(left)]
    }

    private static func halves(_ leaves: ArraySlice<TreeHash>) -> (ArraySlice<TreeHash>, ArraySlice<TreeHash>) {
        var half = 1
        while half * 2 < leaves.count { half *= 2 }
        return (leaves.prefix(half), leaves.dropFirst(half))
    }

    /// Leaves that differ, from a number.
    static func leaves(_ count: Int, salt: UInt64 = 0) -> [TreeHash] {
        (0..<count).map { TreeHash.leaf(Array("leaf \($0) of \(salt)".utf8)) }
    }

    /// All tiles of a tree, as a store would hold them after some appends of given sizes.
    static func tiles(_ leaves: [TreeHash], batches: [Int]) -> [TilePlace: [TreeHash]]? {
        var stored: [TilePlace: [TreeHash]] = [:]
        var size = 0
        for batch in batches + [leaves.count] where size < leaves.count {
            let edge = TileGrowth.edge(of: size)
            guard var growth = TileGrowth(size: size, tiles: stored.filter { edge.contains($0.key) }) else {
                return nil
            }
            for leaf in leaves[size..<min(leaves.count, size + batch)] { growth.append(leaf) }
            stored.merge(growth.changes) { _, new in new }
            size = growth.size
            guard growth.root == root(leaves.prefix(size)) else { return nil }
        }
        return stored
    }
}

extension TreeHash {
    /// The same hash with one bit turned.
    func turning(bit: Int) -> TreeHash {
        var changed = bytes
        changed[bit / 8] ^= 1 << (bit % 8)
        return TreeHash(changed) ?? self
    }
}
