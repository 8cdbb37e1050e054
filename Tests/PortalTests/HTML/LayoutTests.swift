import Kernel
import Testing

@testable import Portal

@Suite("The frame round every page")
struct LayoutTests {
    private let layout = SiteLayout(
        bureau: Bilingual("局", "Bureau"), contact: Bilingual("电话", "Telephone"), assets: Assets([]),
        isDemonstration: false)

    /// The entry of the navigation that is marked, with how it is marked.
    private func marked(_ address: String, trail: [Crumb], roles: Set<Role> = [.officer]) -> [String] {
        let actor = Actor(account: ID("a"), name: "A", roles: roles)
        let html = layout.render(
            Page(title: Bilingual("页", "Page"), trail: trail, body: ""),
            Frame(language: .english, actor: actor, address: address, csrfToken: "")
        ).string
        return html.matches(of: /<li><a href="([^"]*)" aria-current="([^"]*)">/).map { "\($0.output.1) \($0.output.2)" }
    }

    @Test("The navigation shows where a page stands, by its address or by the way to it")
    func place() {
        #expect(marked("/desk", trail: []) == ["/desk page"])
        #expect(marked("/desk/calls", trail: [.desk]) == ["/desk true"])
        #expect(marked("/rules?text=a", trail: [.desk]) == ["/desk true"])
        #expect(marked("/cases/1", trail: [.work]) == ["/work true"])
        #expect(marked("/registers/a", trail: [Crumb(Bilingual("域", "Rooms"), "/rooms")]) == ["/rooms true"])
        #expect(marked("/calls/1", trail: [.desk]) == ["/calls true"], "its own address comes first")
    }

    @Test("A page to which no entry leads marks none")
    func nowhere() {
        #expect(marked("/outages", trail: []).isEmpty)
        #expect(marked("/rules", trail: [.desk], roles: [.systemAdministrator]).isEmpty)
    }
}
