/// Candidate arcs laid out to be walked fast: applications and experts renumbered so that neighbours lie together, the
/// arcs of an application sorted from its best score down, one word an arc.
///
/// The high half of a word orders scores downwards, the low half is the expert; its top bit says that the arc is full.
final class SparseArcs {
    let applications: Int
    let experts: Int
    let count: Int
    /// Where the arcs of an application begin; one entry more than there are applications.
    let start: UnsafeMutablePointer<Int32>
    let words: UnsafeMutablePointer<UInt64>
    /// The caller's number of an application, and of an expert, by ours.
    let applicationNames: [Int32]
    let expertNames: [Int32]

    static let full: UInt64 = 0x8000_0000
    static let expertMask: UInt64 = 0x7FFF_FFFF

    @inline(__always) static func score(_ word: UInt64) -> Int64 { 0x7FFF_FFFF - Int64(word >> 32) }
    @inline(__always) static func expert(_ word: UInt64) -> Int { Int(word & expertMask) }
    @inline(__always) static func word(_ score: Int64, _ expert: Int) -> UInt64 {
        UInt64(bitPattern: 0x7FFF_FFFF - score) << 32 | UInt64(expert)
    }

    /// Scores must fit into 31 bits and a sign; see ``fits(_:)``.
    init(_ candidates: borrowing Candidates, slopes: [Int64] = [1]) {
        applications = candidates.applications
        experts = candidates.experts
        count = candidates.count * slopes.count
        let order = Self.orders(candidates)
        applicationNames = order.applications
        expertNames = order.experts
        start = .allocate(capacity: applications + 1)
        words = .allocate(capacity: max(count, 1))
        var number = [Int32](repeating: 0, count: experts)
        for (ours, theirs) in expertNames.enumerated() { number[Int(theirs)] = Int32(ours) }
        fill(candidates, number, slopes)
    }

    deinit {
        start.deallocate()
        words.deallocate()
    }

    private func fill(_ candidates: borrowing Candidates, _ number: [Int32], _ slopes: [Int64]) {
        let (start, words) = (start, words)
        candidates.withBuffers { offsets, expert, score in
            number.withUnsafeBufferPointer { number in
                var at = 0
                for (ours, theirs) in applicationNames.enumerated() {
                    start[ours] = Int32(at)
                    let first = at
                    for index in offsets[Int(theirs)]..<offsets[Int(theirs) + 1] {
                        for slope in slopes {
                            words[at] = Self.word(score[index] * slope, Int(number[Int(expert[index])]))
                            at += 1
                        }
                    }
                    WordSort.sort(words + first, at - first)
                }
                start[applications] = Int32(at)
            }
        }
    }

    /// Whether a score can be held in an arc's word.
    static func fits(_ score: Int64) -> Bool { score > -0x7FFF_FFFF && score <= 0x7FFF_FFFF }

    /// A walk over the network that goes from an application to its best experts and from those to the applications
    /// that like them best, so that what is near in the network is near in memory. Only speed depends on it.
    private static func orders(_ candidates: borrowing Candidates) -> (applications: [Int32], experts: [Int32]) {
        let (applications, experts) = (candidates.applications, candidates.experts)
        let best = bestExperts(candidates)
        // The applications of each best expert, in one list.
        var starts = [Int32](repeating: 0, count: experts + 1)
        for application in 0..<applications where best[application * width] >= 0 {
            starts[Int(best[application * width]) + 1] += 1
        }
        for expert in 0..<experts { starts[expert + 1] += starts[expert] }
        var fill = starts
        var admirers = [Int32](repeating: 0, count: Int(starts[experts]))
        for application in 0..<applications where best[application * width] >= 0 {
            let expert = Int(best[application * width])
            admirers[Int(fill[expert])] = Int32(application)
            fill[expert] += 1
        }
        var (seenApplication, seenExpert) = (
            [Bool](repeating: false, count: applications), [Bool](repeating: false, count: experts)
        )
        var applicationOrder: [Int32] = []
        applicationOrder.reserveCapacity(applications)
        var expertOrder: [Int32] = []
        expertOrder.reserveCapacity(experts)
        var next = 0
        for root in 0..<applications where !seenApplication[root] {
            seenApplication[root] = true
            applicationOrder.append(Int32(root))
            while next < applicationOrder.count {
                let application = Int(applicationOrder[next])
                next += 1
                for place in 0..<width {
                    let expert = Int(best[application * width + place])
                    guard expert >= 0, !seenExpert[expert] else { continue }
                    seenExpert[expert] = true
                    expertOrder.append(Int32(expert))
                    for index in starts[expert]..<starts[expert + 1] where !seenApplication[Int(admirers[Int(index)])] {
                        seenApplication[Int(admirers[Int(index)])] = true
                        applicationOrder.append(admirers[Int(index)])
                    }
                }
            }
        }
        for expert in 0..<experts where !seenExpert[expert] { expertOrder.append(Int32(expert)) }
        return (applicationOrder, expertOrder)
    }

    /// How many of its best experts an application leads the walk to.
    private static let width = 4

    /// The best experts of each application, best first, `width` of them; -1 where there are fewer.
    private static func bestExperts(_ candidates: borrowing Candidates) -> [Int32] {
        var best = [Int32](repeating: -1, count: candidates.applications * width)
        best.withUnsafeMutableBufferPointer { best in
            candidates.withBuffers { offsets, expert, score in
                var top = [Int64](repeating: 0, count: width)
                for application in 0..<candidates.applications {
                    for place in 0..<width { top[place] = Int64.min }
                    for index in offsets[application]..<offsets[application + 1] where score[index] > top[width - 1] {
                        var place = width - 1
                        while place > 0, top[place - 1] < score[index] {
                            top[place] = top[place - 1]
                            best[application * width + place] = best[application * width + place - 1]
                            place -= 1
                        }
                        top[place] = score[index]
                        best[application * width + place] = expert[index]
                    }
                }
            }
        }
        return best
    }
}

/// Sorts short runs of words in place: quicksort by the median of three down to insertion sort.
enum WordSort {
    static func sort(_ base: UnsafeMutablePointer<UInt64>, _ count: Int) {
        var (low, high) = (0, count - 1)
        while high - low > 16 {
            let middle = (low + high) >> 1
            if base[middle] < base[low] { swap(base, middle, low) }
            if base[high] < base[low] { swap(base, high, low) }
            if base[high] < base[middle] { swap(base, high, middle) }
            let pivot = base[middle]
            var (left, right) = (low, high)
            while left <= right {
                while base[left] < pivot { left += 1 }
                while base[right] > pivot { right -= 1 }
                if left <= right {
                    swap(base, left, right)
                    left += 1
                    right -= 1
                }
            }
            if right - low < high - left {
                sort(base + low, right - low + 1)
                low = left
            } else {
                sort(base + left, high - left + 1)
                high = right
            }
        }
        guard low < high else { return }
        for index in (low + 1)...high {
            let word = base[index]
            var hole = index
            while hole > low, base[hole - 1] > word {
                base[hole] = base[hole - 1]
                hole -= 1
            }
            base[hole] = word
        }
    }

    @inline(__always) private static func swap(_ base: UnsafeMutablePointer<UInt64>, _ left: Int, _ right: Int) {
        let word = base[left]
        base[left] = base[right]
        base[right] = word
    }
}
