import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

extension FormSweepTests {
    static let rooms = StoryTests.files.reduce(into: Set<String>()) { $0.formUnion(routes($1.file)) }

    /// What a file of stories has to show on its way.
    private static func routes(_ file: StoryFile) -> Set<String> {
        let stories = file.stories ?? []
        let steps = stories.flatMap(\.then)
        var routes: Set<String> = ["drafts.save"]
        if stories.contains(where: { $0.files?.isEmpty == false }) {
            routes.formUnion(["drafts.attach", "drafts.detach"])
        }
        if steps.contains(where: { $0.panel != nil }) { routes.insert("panels.name") }
        if steps.contains(where: { $0.sheet != nil }) { routes.formUnion(["panels.fill", "panels.recuse"]) }
        return routes
    }

    @Test("Forms of every step of the stories of all rooms", arguments: StoryTests.files.map { $0.name })
    func stories(name: String) async throws {
        let file = try #require(StoryTests.files.first { $0.name == name }?.file)
        let house = try await TestHouse(.sqlite, standing: true)
        var sweeper = try FormSweeper(house)
        let teller = Storyteller(house.services)
        try await teller.seed(file.registers ?? [])
        var known: [String: CaseFile] = [:]
        for story in file.stories ?? [] {
            known[story.id] = try await teller.play(story, known: known, moves: true) { id, step in
                try await look(at: id, before: step, of: story, &sweeper)
            }.file
        }
        sweeper.expect(Self.routes(file), name)
    }

    /// The forms that whoever acts next sees of the case: its sections, its actions, its panel.
    private func look(
        at id: ID<CaseFile>, before step: Story.Step, of story: Story, _ sweeper: inout FormSweeper
    ) async throws {
        guard let login = step.by else { return }
        let house = sweeper.house.house
        let file = try await house.db.read { tx in try CaseStore.require(id, tx) }
        if FilingSteps.isDrafted(file.step) {
            for section in try house.procedures.newest(story.procedure).form?.sections ?? [] {
                try await sweeper.look(login, "/drafts/\(id)/sections/\(section.name)")
            }
        }
        if step.panel != nil {
            try await sweeper.look(login, "/desk/panels/\(id)")
        } else if step.sheet != nil {
            try await sweeper.look(login, "/panels/\(id)")
        } else {
            try await sweeper.look(login, "/cases/\(id)")
        }
    }
}
