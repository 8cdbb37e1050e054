import Proof
import Testing

/// Published values that do not come from this house.
@Suite("Published vectors of trees, signatures and notes")
struct VectorTests {
    /// Inputs and roots of the Certificate Transparency project.
    static let inputs = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]
    static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    static let n96 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    static let n5f = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
    static let n6b = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
    static let nbc = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
    static let nca = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
    static let n0e = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

    static var leaves: [TreeHash] { inputs.map { TreeHash.leaf(bytes($0)) } }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...($0 + 1)]), radix: 16) ?? 0 }
    }

    static func hashes(_ hex: [String]) -> [TreeHash] { hex.compactMap { TreeHash(bytes($0)) } }

    @Test("Roots of the first eight trees")
    func trees() throws {
        #expect(
            TreeHash.empty
                == TreeHash(Self.bytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")))
        var tree = GrowingTree()
        let tiles = Tiles(try #require(Reference.tiles(Self.leaves, batches: [3])))
        for (leaf, root) in zip(Self.leaves, Self.hashes(Self.roots)) {
            tree.append(leaf)
            #expect(tree.root == root)
            #expect(tiles.hashes(.root(of: tree.size)) == [root])
        }
    }

    @Test(
        "Inclusion proofs",
        arguments: [
            (0, 1, []), (0, 8, [n96, n5f, n6b]), (5, 8, [nbc, nca, roots[3]]), (2, 3, [roots[1]]),
            (1, 5, [roots[0], n5f, nbc]),
        ] as [(Int, Int, [String])])
    func inclusion(index: Int, size: Int, path: [String]) throws {
        let tiles = Tiles(try #require(Reference.tiles(Self.leaves, batches: [5])))
        let expected = Self.hashes(path)
        #expect(tiles.hashes(.inclusion(of: index, in: size)) == expected)
        let root = Self.hashes(Self.roots)[size - 1]
        #expect(TreeProof.includes(Self.leaves[index], at: index, in: size, root: root, path: expected))
    }

    @Test(
        "Consistency proofs",
        arguments: [
            (1, 1, []), (1, 8, [n96, n5f, n6b]), (6, 8, [n0e, nca, roots[3]]), (2, 5, [n5f, nbc]),
        ] as [(Int, Int, [String])])
    func consistency(old: Int, new: Int, path: [String]) throws {
        let tiles = Tiles(try #require(Reference.tiles(Self.leaves, batches: [1, 2])))
        let expected = Self.hashes(path)
        #expect(tiles.hashes(.consistency(from: old, to: new)) == expected)
        let roots = Self.hashes(Self.roots)
        #expect(TreeProof.extends(from: old, root: roots[old - 1], to: new, root: roots[new - 1], path: expected))
    }

    @Test("Ed25519 as RFC 8032 shows it")
    func ed25519() {
        let seed = Self.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        let key = Self.bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        let signature = Self.bytes(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
        #expect(Ed25519.publicKey(seed: seed) == key)
        #expect(Ed25519.sign([], seed: seed) == signature)
        #expect(Ed25519.verify(signature, [], publicKey: key))
        #expect(!Ed25519.verify(signature, [0], publicKey: key))
        #expect(Ed25519.publicKey(seed: [1]) == nil)
    }

    @Test("A note that another program signed")
    func foreignNote() throws {
        let key = try NoteVerifier(parsing: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
        let note = """
            If you think cryptography is the answer to your problem,
            then you don't know what your problem is.

            — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

            """
        let read = try SignedNote(parsing: note)
        #expect(try read.verified(by: [key]) == [key])
        #expect(read.note == note)
        let changed = try SignedNote(parsing: note.replacing("answer", with: "anvser"))
        #expect(throws: NoteError.badSignature(key.text)) { try changed.verified(by: [key]) }
    }
}
