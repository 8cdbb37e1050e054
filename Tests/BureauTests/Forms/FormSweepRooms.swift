import BureauTestSupport
import Kernel
import Store
import StoreTestSupport
import Testing

@testable import Bureau
@testable import Portal

extension FormSweepTests {
    static let rooms: Set<String> = [
        "drafts.save", "drafts.attach", "drafts.detach", "panels.name", "panels.fill", "panels.recuse",
    ]

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
        sweeper.expect([], name)
        #expect(sweeper.count > 0)
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
