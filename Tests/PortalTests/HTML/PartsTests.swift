import Kernel
import Testing

@testable import Portal

@Suite("Parts of pages")
struct PartsTests {
    @Test("An empty cell shows a dash where its column has a title")
    func dash() {
        let html = Parts.table("t", [.init("A"), .init(""), .init("B", numeric: true)], [["", "", ""]], empty: "—")
            .string
        #expect(
            html.contains(#"<td data-title="A">—</td><td data-title=""></td><td data-title="B" class="number">—</td>"#))
    }

    @Test(
        "A day, a number or a short name is kept whole, a sentence may break",
        arguments: [
            ("2026-04-16", true), ("2026-03-02 09:00", true), (#"<a href="/cases/a-1">KJ2025-00002</a>"#, true),
            (#"<a href="/desk/experts/1">吴志雨</a>"#, true), ("技术攻关面上项目", false),
            ("3 March 2026", false), ("项目 1", false), ("A", false), ("1111-2222-3333-4444-5555-6666", false),
        ])
    func whole(cell: String, isWhole: Bool) {
        let html = Parts.table("t", [.init("A")], [[.raw(unchecked: cell)]], empty: "—").string
        #expect(html.contains(#"class="whole""#) == isWhole)
    }

    @Test("A clock counts one day as one")
    func clock() throws {
        let due = try #require(Day("2026-03-03"))
        let unit = Bilingual("个工作日", "working days")
        func words(_ left: Int) -> String {
            Parts.clock(due: due, left: left, unit: unit, holder: "", Say(.english)).string
        }
        #expect(words(1).contains("1 working day left") && words(2).contains("2 working days left"))
        #expect(words(-1).contains("1 working day late") && words(0).contains("Due today"))
    }
}
