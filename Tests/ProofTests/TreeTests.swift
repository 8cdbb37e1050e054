import Foundation
import Proof
import Testing

@Suite("The tree of the record")
struct TreeTests {
    private static func some(_ range: ClosedRange<Int>) -> [Int] { (0..<12).map { _ in Int.random(in: range) } }

    @Test("Roots and proofs of any size, from tiles that grew in any steps, are those of the definition")
    func sameAsDefinition() throws {
        for size in Array(0...66) + Self.some(67...400) + [1_023, 1_024, 1_025, 1_100] {
            let leaves = Reference.leaves(size, salt: UInt64(size))
            let batches = (0..<8).map { _ in Int.random(in: 1...max(1, size / 2)) }
            let stored = try #require(Reference.tiles(leaves, batches: batches), "size \(size), steps \(batches)")
            let tiles = Tiles(stored)
            let part = Int.random(in: 0...size)
            let root = TreePlan.root(of: part)
            #expect(
                (size == 0 ? [.empty] : tiles.hashes(root)) == [Reference.root(leaves.prefix(part))], "\(part)/\(size)")
            let needed = Tiles.needed(root)
            #expect(needed.count <= 3 && Set(needed).isSubset(of: stored.keys))
            guard part > 0 else { continue }
            let index = Int.random(in: 0..<part)
            let path = TreePlan.inclusion(of: index, in: part)
            #expect(tiles.hashes(path) == Reference.path(index, leaves.prefix(part)), "\(index) in \(part)")
            let growth = TreePlan.consistency(from: part, to: size)
            #expect(tiles.hashes(growth) == Reference.consistency(part, leaves[...]), "\(part) to \(size)")
        }
    }

    @Test("Every inclusion proof holds, and no one-bit change of leaf, root, path, place or size does")
    func inclusionProofs() throws {
        for size in Self.some(1...130) {
            let leaves = Reference.leaves(size)
            let tiles = Tiles(try #require(Reference.tiles(leaves, batches: [])))
            let root = Reference.root(leaves[...])
            for index in 0..<size {
                let path = try #require(tiles.hashes(.inclusion(of: index, in: size)))
                func holds(_ leaf: TreeHash, _ at: Int, _ size: Int, _ root: TreeHash, _ path: [TreeHash]) -> Bool {
                    TreeProof.includes(leaf, at: at, in: size, root: root, path: path)
                }
                #expect(holds(leaves[index], index, size, root, path))
                let bit = Int.random(in: 0..<256)
                #expect(!holds(leaves[index].turning(bit: bit), index, size, root, path), "\(index)/\(size) \(bit)")
                #expect(!holds(leaves[index], index, size, root.turning(bit: bit), path), "\(index)/\(size) \(bit)")
                for step in path.indices {
                    var changed = path
                    changed[step] = changed[step].turning(bit: bit)
                    #expect(!holds(leaves[index], index, size, root, changed), "\(index)/\(size) \(step) \(bit)")
                }
                for other in 0..<size where other != index {
                    #expect(!holds(leaves[index], other, size, root, path), "\(index) as \(other) of \(size)")
                }
                #expect(!holds(leaves[index], index, size, root, path + [root]))
                #expect(path.isEmpty || !holds(leaves[index], index, size, root, path.dropLast()))
                #expect(!holds(leaves[index], size, size, root, path) && !holds(leaves[index], -1, size, root, path))
            }
        }
    }

    @Test("Every consistency proof holds, and no one-bit change of a root or a step does")
    func consistencyProofs() throws {
        for size in Self.some(1...100) {
            let leaves = Reference.leaves(size)
            let tiles = Tiles(try #require(Reference.tiles(leaves, batches: [])))
            let root = Reference.root(leaves[...])
            for old in 0...size {
                let path = try #require(tiles.hashes(.consistency(from: old, to: size)))
                let before = Reference.root(leaves.prefix(old))
                func holds(_ before: TreeHash, _ after: TreeHash, _ path: [TreeHash]) -> Bool {
                    TreeProof.extends(from: old, root: before, to: size, root: after, path: path)
                }
                #expect(holds(before, root, path), "\(old) to \(size)")
                let bit = Int.random(in: 0..<256)
                #expect(!holds(before.turning(bit: bit), root, path), "\(old) to \(size), \(bit)")
                // From nothing to anything is true of every log.
                if old > 0 { #expect(!holds(before, root.turning(bit: bit), path), "\(old) to \(size), \(bit)") }
                for step in path.indices {
                    var changed = path
                    changed[step] = changed[step].turning(bit: bit)
                    #expect(!holds(before, root, changed), "\(old) to \(size), \(step), \(bit)")
                }
                #expect(!holds(before, root, path + [root]) || old == 0 && path.isEmpty == false)
            }
        }
    }

    @Test("A growing tree refuses an edge that does not fit its size")
    func wrongEdge() throws {
        let leaves = Reference.leaves(70)
        let stored = try #require(Reference.tiles(leaves, batches: []))
        #expect(TileGrowth(size: 70, tiles: stored) != nil)
        #expect(TileGrowth(size: 71, tiles: stored) == nil)
        #expect(TileGrowth(size: 70, tiles: [:]) == nil)
        #expect(Tiles([:]).hashes(.root(of: 3)) == nil)
    }

    @Test(
        "PyPI pymerkle finds the same roots and proofs",
        .enabled(if: ProcessInfo.processInfo.environment["KECHUANG_TEST_PYTHON"] != nil))
    func pymerkle() throws {
        let python = try #require(ProcessInfo.processInfo.environment["KECHUANG_TEST_PYTHON"])
        let sizes = [1, 2, 3, 7, 8, 33, 64, 100, 257]
        let program = """
            import sys
            from pymerkle import InmemoryTree
            tree = InmemoryTree(algorithm="sha256")
            for number in range(257): tree.append_entry(b"leaf %d of 0" % number)
            for size in \(sizes):
                print(tree.get_root(size).hex())
                for at in range(size): print(",".join(tree.prove_inclusion(at + 1, size).serialize()["path"][1:]))
                for old in range(1, size + 1): print(tree.get_root(old).hex())
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-c", program]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        var lines = String(decoding: output, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)[...]
        let leaves = Reference.leaves(257)
        let tiles = Tiles(try #require(Reference.tiles(leaves, batches: [])))
        func hex(_ hash: TreeHash) -> String {
            hash.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        for size in sizes {
            let root = try #require(tiles.hashes(.root(of: size))?.first)
            #expect(lines.removeFirst() == hex(root))
            for index in 0..<size {
                let path = try #require(tiles.hashes(.inclusion(of: index, in: size)))
                #expect(lines.removeFirst() == path.map(hex).joined(separator: ","), "\(index) in \(size)")
            }
            for old in 1...size {
                let before = try #require(tiles.hashes(.root(of: old))?.first)
                #expect(lines.removeFirst() == hex(before))
                let path = try #require(tiles.hashes(.consistency(from: old, to: size)))
                #expect(TreeProof.extends(from: old, root: before, to: size, root: root, path: path))
            }
        }
    }
}

@Suite("Notes and checkpoints")
struct NoteTests {
    private static func signer(_ name: String, _ byte: UInt8) throws -> NoteSigner {
        try NoteSigner(name: name, seed: [UInt8](repeating: byte, count: 32))
    }

    @Test("A checkpoint signed by two keys is read back and holds for either; a stranger's key says nothing of it")
    func twoKeys() throws {
        let (old, new, stranger) = (try Self.signer("log", 1), try Self.signer("log", 2), try Self.signer("log", 3))
        let checkpoint = Checkpoint(
            origin: "house.test/record", size: 12, root: Reference.root(Reference.leaves(12)[...]))
        let read = try SignedNote(parsing: SignedNote(checkpoint.text, by: [old, new]).note)
        #expect(try Checkpoint(parsing: read.text) == checkpoint)
        #expect(try read.verified(by: [old.verifier]) == [old.verifier])
        #expect(try read.verified(by: [new.verifier, stranger.verifier]) == [new.verifier])
        #expect(try read.verified(by: [stranger.verifier]).isEmpty)
        #expect(try NoteVerifier(parsing: old.verifier.text) == old.verifier)
    }

    @Test("No one-bit change of a signed note still holds as it is")
    func oneBit() throws {
        let key = try Self.signer("log", 1)
        let note = try SignedNote(Checkpoint(origin: "a", size: 1, root: .empty).text, by: [key])
        let bytes = Array(note.note.utf8)
        for bit in 0..<(bytes.count * 8) {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            guard let text = String(validating: changed, as: UTF8.self) else { continue }
            let good = (try? SignedNote(parsing: text)).flatMap { try? $0.verified(by: [key.verifier]) } ?? []
            #expect(good.isEmpty, "bit \(bit)")
        }
    }

    @Test(
        "What is no note, checkpoint or key is refused",
        arguments: [
            "", "\n", "text\n", "text\n\n", "text\n\n— a\n", "text\n\n— a !!!!\n", "text\n\n- a AAAAAAAA\n",
            "te\u{7}xt\n\n— a AAAAAAAA\n", "text\n\n— a AAAAAAAA",
        ])
    func refusedNotes(_ text: String) {
        #expect(throws: NoteError.self) { try SignedNote(parsing: text) }
    }

    @Test("Checkpoints with an odd size or hash are refused, further lines are passed over")
    func refusedCheckpoints() throws {
        let hash = TreeHash.empty.base64
        for text in ["", "a\n1\n", "\n1\n\(hash)\n", "a\n01\n\(hash)\n", "a\n-1\n\(hash)\n", "a\n1\nAAAA\n"] {
            #expect(throws: NoteError.self) { try Checkpoint(parsing: text) }
        }
        #expect(try Checkpoint(parsing: "a\n1\n\(hash)\nmore\n").size == 1)
        for key in ["", "a+b+c", "a+00000000+\(hash)", "a b+00000000+AQ=="] {
            #expect(throws: NoteError.self) { try NoteVerifier(parsing: key) }
        }
        #expect(throws: NoteError.self) { try NoteSigner(name: "a b", seed: [UInt8](repeating: 1, count: 32)) }
    }
}
