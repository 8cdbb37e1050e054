import Foundation
import Testing

/// Words in the folders of cities.
@Suite("Texts of cities")
struct JurisdictionTextTests {
    /// `{zh: …, en: Years for which a contract, a share}` is read as `Years for which a contract`, and a key more.
    @Test("A text with a comma in a line of pairs stands in quotes, or the rest of it would be lost")
    func commas() throws {
        let cut = /\b(?:zh|en): (?!["'])[^{},]*, (?![a-zA-Z-]+: )[^{}]*\}/
        let folder = "\(SourceTree.root)/Jurisdictions"
        let files = try #require(FileManager.default.enumerator(atPath: folder))
        var count = 0
        for case let file as String in files where file.hasSuffix(".yaml") {
            for line in try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8).split(separator: "\n") {
                count += line.contains("{zh: ") ? 1 : 0
                #expect(line.firstMatch(of: cut) == nil, "\(file): \(line)")
            }
        }
        #expect(count > 1_000)
        #expect("a: {zh: 活动。, en: Events, and people.}".firstMatch(of: cut) != nil)
        #expect("a: {zh: 活动。, en: \"Events, and people.\", kind: day}".firstMatch(of: cut) == nil)
    }
}
