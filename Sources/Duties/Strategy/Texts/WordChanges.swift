/// Compares two texts word by word: Latin words and numbers whole, Chinese by the character.
enum WordChanges {
    /// The kept, removed and added stretches in order; of one change the removed stands before the added.
    static func pieces(_ old: String, _ new: String) -> [TextPiece] {
        guard old != new else { return old.isEmpty ? [] : [TextPiece(.kept, old)] }
        let (before, after) = (words(old), words(new))
        var (removed, added): (Set<Int>, Set<Int>) = ([], [])
        for change in after.difference(from: before) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var pieces: [TextPiece] = []
        var (i, j) = (0, 0)
        while i < before.count || j < after.count {
            var (gone, come) = ("", "")
            while i < before.count, removed.contains(i) { (gone, i) = (gone + before[i], i + 1) }
            while j < after.count, added.contains(j) { (come, j) = (come + after[j], j + 1) }
            if !gone.isEmpty { pieces.append(TextPiece(.removed, gone)) }
            if !come.isEmpty { pieces.append(TextPiece(.added, come)) }
            var kept = ""
            while i < before.count, j < after.count, !removed.contains(i), !added.contains(j) {
                (kept, i, j) = (kept + before[i], i + 1, j + 1)
            }
            if !kept.isEmpty { pieces.append(TextPiece(.kept, kept)) }
        }
        return calmed(pieces)
    }

    /// Words of a text: runs of Latin letters and digits, and every other character alone.
    static func words(_ text: String) -> [String] {
        var found: [String] = []
        var run = ""
        for character in text {
            if character.isASCII, character.isLetter || character.isNumber {
                run.append(character)
            } else {
                if !run.isEmpty { found.append(run) }
                run = ""
                found.append(String(character))
            }
        }
        if !run.isEmpty { found.append(run) }
        return found
    }

    /// One kept character between two changes only makes them harder to read: it is joined to them.
    private static func calmed(_ pieces: [TextPiece]) -> [TextPiece] {
        var found: [TextPiece] = []
        var (gone, come) = ("", "")
        func close() {
            if !gone.isEmpty { found.append(TextPiece(.removed, gone)) }
            if !come.isEmpty { found.append(TextPiece(.added, come)) }
            (gone, come) = ("", "")
        }
        for (index, piece) in pieces.enumerated() {
            switch piece.change {
            case .removed: gone += piece.text
            case .added: come += piece.text
            case .kept:
                let isBetween = index > 0 && index < pieces.count - 1 && piece.text.count == 1
                if isBetween, gone.count + come.count > 2, piece.text != "\n" {
                    gone += piece.text
                    come += piece.text
                } else {
                    close()
                    found.append(piece)
                }
            }
        }
        close()
        return found
    }
}
