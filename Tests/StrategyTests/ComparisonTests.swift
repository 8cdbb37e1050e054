import Kernel
import Testing

@testable import Strategy

@Suite("Clauses of a draft and the comparison of two versions")
struct ComparisonTests {
    static let draft = """
        为了规范资助，制定本办法。
        第一章　总则
        第一条　本办法适用于本市科技计划项目。
        第二条　市科技主管部门负责项目管理，
        并依照第一条第二款公开结果。
        第三条　申请单位应当具备下列条件：
        （一）依法登记；
        （二）无严重失信记录。
        """

    @Test("A draft is cut into preamble, headings and clauses; a reference opens none")
    func reading() {
        let clauses = ClauseReader.read(Self.draft)
        #expect(clauses.map(\.label) == ["", "第一章", "第一条", "第二条", "第三条"])
        #expect(clauses.map(\.kind) == [.preamble, .heading, .clause, .clause, .clause])
        #expect(clauses[3].text.hasSuffix("并依照第一条第二款公开结果。"))
        #expect(ClauseReader.read("第三条之一　补充。").map(\.label) == ["第三条之一"])
        #expect(ClauseReader.read("Article 1. Scope\nArticle 2: Duties").map(\.text) == ["Scope", "Duties"])
    }

    @Test(
        "A text that is no draft is refused with the reason",
        arguments: [
            ("没有条文", "norm.clauses"), ("", "norm.clauses"), ("第一条 甲\n第一条 乙", "norm.doubled"),
            ("第一条\n第二条 乙", "norm.empty"), (String(repeating: "长", count: 100_001), "norm.long"),
            ((0...500).map { "第\($0)条 甲" }.joined(separator: "\n"), "norm.clauses"),
        ])
    func nonsense(text: String, code: String) {
        #expect(ClauseReader.problems(text, field: "text").map(\.code) == [code])
    }

    @Test("A clause put in between moves the numbers, not the matching")
    func renumbered() {
        let old = ClauseReader.read("第一条 本办法适用于科技项目。\n第二条 申请单位应当依法登记。\n第三条 本办法自公布之日起施行。")
        let new = ClauseReader.read(
            "第一条 本办法适用于科技项目。\n第二条 市科技主管部门负责管理监督。\n第三条 申请单位应当在本市依法登记。\n第四条 本办法自公布之日起施行。")
        let pairs = Comparison.pairs(old, new)
        #expect(pairs.map(\.change) == [.kept, .added, .changed, .renumbered])
        #expect(pairs[2].old?.label == "第二条" && pairs[2].new?.label == "第三条")
        #expect(pairs[2].pieces == [TextPiece(.kept, "申请单位应当"), TextPiece(.added, "在本市"), TextPiece(.kept, "依法登记。")])
    }

    @Test(
        "Words of Latin script stay whole, Chinese is compared by the character",
        arguments: [
            ("期限为十日。", "期限为三十日。", "期限为[+三]十日。"),
            ("at most 500 yuan", "at most 800 yuan", "at most [-500][+800] yuan"),
            ("甲乙", "甲乙", "甲乙"), ("", "新增", "[+新增]"), ("删去", "", "[-删去]"),
            ("资助额度不超过一百万元", "资助比例不超过三成", "资助[-额度][+比例]不超过[-一百万元][+三成]"),
        ])
    func words(old: String, new: String, shown: String) {
        let text = WordChanges.pieces(old, new).map { piece in
            switch piece.change {
            case .kept: piece.text
            case .removed: "[-\(piece.text)]"
            case .added: "[+\(piece.text)]"
            }
        }
        #expect(text.joined() == shown)
    }

    @Test("Both texts can be read out of the comparison again, whatever they are")
    func roundTrip() {
        var random = SeededRandom(seed: 7)
        let letters = Array("甲乙丙丁第一二条ab12 \n，。")
        func text() -> String {
            String(
                (0..<Int.random(in: 0...60, using: &random)).map { _ in letters.randomElement(using: &random) ?? "甲" })
        }
        for _ in 0..<300 {
            let (old, new) = (text(), text())
            let pieces = WordChanges.pieces(old, new)
            #expect(pieces.filter { $0.change != .added }.map(\.text).joined() == old)
            #expect(pieces.filter { $0.change != .removed }.map(\.text).joined() == new)
            let (a, b) = (ClauseReader.read(old), ClauseReader.read(new))
            let pairs = Comparison.pairs(a, b)
            #expect(pairs.compactMap(\.old) == a)
            #expect(pairs.compactMap(\.new) == b)
        }
    }

    @Test("A clause taken out of a long law and one put in are found")
    func long() {
        let old = (1...300).map { "第\($0)条 第\($0)号事项由部门\($0 % 7)办理，期限为\($0)日，逾期的由上级督促。" }
        var new = old
        new.remove(at: 100)
        new.insert("第999条 全新的一条，与其他各条没有关系。", at: 200)
        let pairs = Comparison.pairs(
            ClauseReader.read(old.joined(separator: "\n")), ClauseReader.read(new.joined(separator: "\n")))
        #expect(pairs.filter { $0.change == .removed }.count == 1)
        #expect(pairs.filter { $0.change == .added }.count == 1)
    }
}
