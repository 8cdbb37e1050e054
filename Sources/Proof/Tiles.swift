/// Where a tile of the tree lies: tile levels are ``Tiles/height`` tree levels apart.
public struct TilePlace: Hashable, Sendable, Comparable {
    public let level: Int
    public let number: Int

    public init(level: Int, number: Int) {
        self.level = level
        self.number = number
    }

    public static func < (left: TilePlace, right: TilePlace) -> Bool {
        (left.level, left.number) < (right.level, right.number)
    }
}

extension NodePlace {
    /// The tile whose hashes give this node.
    public var tile: TilePlace {
        TilePlace(level: level / Tiles.height, number: (index << (level % Tiles.height)) >> Tiles.height)
    }
}

/// A tree as it is stored: rows of up to 32 neighbouring hashes of every fifth level. A proof in a tree of ten million
/// leaves needs at most ten of them, each of one kibibyte.
public struct Tiles: Sendable {
    /// Tree levels from one tile level to the next.
    public static let height = 5
    static let width = 1 << height

    private var held: [TilePlace: [TreeHash]]

    public init(_ tiles: [TilePlace: [TreeHash]]) { held = tiles }

    /// The tiles that a plan reads, in order.
    public static func needed(_ plan: TreePlan) -> [TilePlace] { Set(plan.places.map(\.tile)).sorted() }

    /// The hash of a node; nil where its tile is missing or too short.
    public func node(_ place: NodePlace) -> TreeHash? {
        let depth = place.level % Tiles.height
        let start = place.index << depth & (Tiles.width - 1)
        guard let hashes = held[place.tile], start + 1 << depth <= hashes.count else { return nil }
        return Tiles.complete(hashes[start..<(start + 1 << depth)])
    }

    /// The hashes of a plan; nil where a tile is missing or too short.
    public func hashes(_ plan: TreePlan) -> [TreeHash]? {
        struct Missing: Error {}
        return try? plan.hashes { place in
            guard let hash = node(place) else { throw Missing() }
            return hash
        }
    }

    /// The root over a power of two of neighbouring hashes.
    static func complete(_ hashes: ArraySlice<TreeHash>) -> TreeHash {
        var row = Array(hashes)
        while row.count > 1 {
            row = stride(from: 0, to: row.count, by: 2).map { .node(row[$0], row[$0 + 1]) }
        }
        return row[0]
    }
}

/// Appends leaves to a tree of tiles, of which only the right edge need be read.
public struct TileGrowth: Sendable {
    public private(set) var size: Int
    private var edges: [[TreeHash]]
    private var full: [TilePlace: [TreeHash]] = [:]
    private var touched: Set<Int> = []

    /// The tiles at the right edge of a tree, which are not full yet.
    public static func edge(of size: Int) -> [TilePlace] {
        var places: [TilePlace] = []
        var (count, level) = (size, 0)
        while count > 0 {
            if count % Tiles.width > 0 { places.append(TilePlace(level: level, number: count / Tiles.width)) }
            (count, level) = (count / Tiles.width, level + 1)
        }
        return places
    }

    /// - Parameter tiles: those of ``edge(of:)``.
    /// - Returns: nil where one is missing or has another length than the size says.
    public init?(size: Int, tiles: [TilePlace: [TreeHash]]) {
        self.size = size
        edges = []
        var (count, level) = (size, 0)
        while count > 0 {
            let hashes = tiles[TilePlace(level: level, number: count / Tiles.width)] ?? []
            guard hashes.count == count % Tiles.width else { return nil }
            edges.append(hashes)
            (count, level) = (count / Tiles.width, level + 1)
        }
    }

    public mutating func append(_ leaf: TreeHash) {
        var hash = leaf
        var (level, index) = (0, size)
        size += 1
        while true {
            if edges.count == level { edges.append([]) }
            edges[level].append(hash)
            touched.insert(level)
            guard edges[level].count == Tiles.width else { return }
            full[TilePlace(level: level, number: index / Tiles.width)] = edges[level]
            hash = Tiles.complete(edges[level][...])
            edges[level] = []
            (level, index) = (level + 1, index / Tiles.width)
        }
    }

    /// Every tile that is new or longer than before.
    public var changes: [TilePlace: [TreeHash]] {
        var changes = full
        for level in touched where !edges[level].isEmpty {
            changes[TilePlace(level: level, number: size >> (Tiles.height * (level + 1)))] = edges[level]
        }
        return changes
    }

    /// The root as it stands now.
    public var root: TreeHash {
        var held: [TilePlace: [TreeHash]] = [:]
        for (level, hashes) in edges.enumerated() where !hashes.isEmpty {
            held[TilePlace(level: level, number: size >> (Tiles.height * (level + 1)))] = hashes
        }
        return Tiles(held).hashes(.root(of: size))?.first ?? .empty
    }
}
