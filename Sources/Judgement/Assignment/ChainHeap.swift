/// The nearest node first; a node may lie in it more than once, and its owner skips the stale ones.
struct ChainHeap {
    private var items: [Item] = []

    private struct Item {
        var distance: Int64
        var node: Int32
    }

    mutating func clear() { items.removeAll(keepingCapacity: true) }

    @inline(__always)
    mutating func push(_ distance: Int64, _ node: Int32) {
        items.append(Item(distance: distance, node: node))
        items.withUnsafeMutableBufferPointer { items in
            var hole = items.count - 1
            while hole > 0 {
                let above = (hole - 1) >> 2
                if items[above].distance <= distance { break }
                items[hole] = items[above]
                hole = above
            }
            items[hole] = Item(distance: distance, node: node)
        }
    }

    @inline(__always)
    mutating func pop() -> (distance: Int64, node: Int32)? {
        guard let top = items.first else { return nil }
        let last = items.removeLast()
        if !items.isEmpty { sink(last) }
        return (top.distance, top.node)
    }

    private mutating func sink(_ item: Item) {
        items.withUnsafeMutableBufferPointer { items in
            let count = items.count
            var hole = 0
            while true {
                let first = hole * 4 + 1
                if first >= count { break }
                var least = first
                for child in (first + 1)..<max(min(first + 4, count), first + 1)
                where items[child].distance < items[least].distance {
                    least = child
                }
                if items[least].distance >= item.distance { break }
                items[hole] = items[least]
                hole = least
            }
            items[hole] = item
        }
    }
}
