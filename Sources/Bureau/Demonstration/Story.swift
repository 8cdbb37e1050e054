import Foundation
public import Kernel
import YAMLReading

/// A case played from its filing to its end as data: demonstration, test and journey in one.
public struct Story: Decodable, Sendable {
    /// One thing that somebody does, or a time that passes.
    public struct Step: Decodable, Sendable {
        /// The login of a demonstration account.
        public let by: String?
        public let `do`: String?
        public let with: JSONValue?
        /// The logins of the experts whom `by` names for the panel of the step.
        public let panel: [String]?
        /// The sheet that the expert `by` hands in.
        public let sheet: JSONValue?
        /// A period such as `15 working days`.
        public let wait: String?
    }

    /// Something that must be refused before a step of the story.
    public struct Refusal: Decodable, Sendable {
        /// Before which step, from 0.
        public let at: Int
        public let by: String
        public let `do`: String
        public let with: JSONValue?
        /// A part of the answer: a code, or words in either language.
        public let says: String
    }

    public let id: String
    public let procedure: String
    public let by: String
    /// The name of the entry about which it is filed.
    public let entry: String?
    /// The story on whose case it is filed.
    public let parent: String?
    /// The house opened the case by itself, under the case of `parent`.
    public let opened: Bool?
    /// The story whose case it goes on with.
    public let continues: String?
    public let answers: JSONValue
    /// Fields to which a page is attached.
    public let files: [String]?
    public let then: [Step]
    /// The step at which the case stands in the end.
    public let ends: String
    public let refused: [Refusal]?
}

/// Entries of a register with their figures, and the stories of a room.
public struct StoryFile: Decodable, Sendable {
    /// Entries to begin with.
    public struct Entries: Decodable, Sendable {
        public let register: String
        public let entries: [JSONValue]
    }

    public let registers: [Entries]?
    public let stories: [Story]?

    /// Reads the files of a folder, by name.
    /// - Throws: ``JurisdictionError`` naming the file.
    public static func load(folder: String) throws -> [(name: String, file: StoryFile)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return try names.filter { $0.hasSuffix(".yaml") }.sorted().map { name in
            let path = "\(folder)/\(name)"
            do {
                let text = try String(contentsOfFile: path, encoding: .utf8)
                return (name, try YAMLReader.decode(StoryFile.self, from: text))
            } catch {
                throw JurisdictionError(path: path, reason: "\(error)")
            }
        }
    }
}
