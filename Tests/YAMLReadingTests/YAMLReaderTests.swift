import Testing
import YAMLReading

@Suite("YAML is read as the wanted type says")
struct YAMLReaderTests {
    struct Place: Decodable, Equatable {
        let code: String
        let count: Int?
        let rate: Double?
        let isOpen: Bool?
        let names: [String]?
        let parts: [String: Int]?
    }

    /// The words of the complaint about a text.
    private func complaint<T: Decodable>(_ type: T.Type, _ text: String) -> String {
        do {
            _ = try YAMLReader.decode(type, from: text)
            return "none"
        } catch DecodingError.dataCorrupted(let context) {
            return context.debugDescription
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            return context.codingPath.map(\.stringValue).joined(separator: ".") + " " + context.debugDescription
        } catch DecodingError.keyNotFound(_, let context) {
            return context.debugDescription
        } catch {
            return "\(error)"
        }
    }

    @Test("A plain scalar is a text where a text is wanted and a number where a number is")
    func scalars() throws {
        let text = """
            code: 0755
            count: -12
            rate: 2.50
            isOpen: true
            names: [1, 'two', "三", 2022-01-01, no]
            parts: {a: 1, b: 2}
            """
        let place = try YAMLReader.decode(Place.self, from: text)
        #expect(
            place
                == Place(
                    code: "0755", count: -12, rate: 2.5, isOpen: true, names: ["1", "two", "三", "2022-01-01", "no"],
                    parts: ["a": 1, "b": 2]))
    }

    @Test("Only what stands plain can be empty; a quoted empty text is a text", arguments: ["", "~", "null", "NULL"])
    func empty(_ word: String) throws {
        #expect(try YAMLReader.decode(Place.self, from: "code: a\ncount: \(word)").count == nil)
        #expect(try YAMLReader.decode([String?].self, from: "- '\(word)'\n- \(word)\n- a") == [word, nil, "a"])
    }

    @Test("Blocks of text, folded lines and comments are as YAML says")
    func blocks() throws {
        let text = "a: |\n  one\n  two # not a comment\nb: >-\n  one\n  two\n# a comment\nc: '#x'\n"
        let values = try YAMLReader.decode([String: String].self, from: text)
        #expect(values == ["a": "one\ntwo # not a comment\n", "b": "one two", "c": "#x"])
    }

    @Test("An alias is what it stands for")
    func aliases() throws {
        let values = try YAMLReader.decode([String: [String]].self, from: "a: &both [x, y]\nb: *both")
        #expect(values == ["a": ["x", "y"], "b": ["x", "y"]])
    }

    indirect enum Nest: Decodable {
        case list([Nest])
        init(from decoder: any Decoder) throws { self = .list(try [Nest](from: decoder)) }
    }

    @Test("What is wrong is told with its line")
    func complaints() {
        #expect(complaint(Place.self, "count: 1") == "line 1: 'code' is missing")
        #expect(complaint(Place.self, "code: a\ncount: many") == "count line 2: a whole number is expected, not many")
        #expect(complaint(Place.self, "code: a\ncount: '2'") == "count line 2: a whole number is expected, not '2'")
        #expect(complaint(Place.self, "code: a\nisOpen: yes") == "isOpen line 2: true or false is expected, not yes")
        #expect(complaint(Place.self, "code: a\nrate: nan") == "rate line 2: a number is expected, not nan")
        #expect(complaint(Place.self, "code: [a]") == "code line 1: a text is expected, not a sequence")
        #expect(complaint(Place.self, "- a") == " line 1: a mapping is expected, not a sequence")
        #expect(complaint([[Int]].self, "- [1]\n- [2, x]") == "1.1 line 2: a whole number is expected, not x")
        #expect(complaint(Int8.self, "300") == " line 1: a whole number is expected, not 300")
        #expect(complaint([Int].self, "a: 1") == " line 1: a sequence is expected, not a mapping")
        #expect(complaint(Place.self, "code: a\ncode: b") == "line 2: 'code' stands twice in one mapping")
        #expect(complaint(Place.self, "a: {b: 1}\n<<: *a").contains("line 2"))
        #expect(complaint(Place.self, "x: &x {b: 1}\n<<: *x") == "line 2: merge keys are not read")
        #expect(complaint([String: Int].self, "? [a]\n: 1") == "line 1: a name must be a text")
        #expect(complaint(Place.self, "code: 'a") == "line 1: found unexpected end of stream")
        #expect(complaint(Place.self, "code: a\u{1}") == "line 1: control characters are not allowed")
        #expect(complaint(Place.self, "") == "there is nothing in it")
        #expect(complaint(Place.self, "code: a\n---\ncode: b") == "there is more than one document in it")
        #expect(complaint(Nest.self, "&a [*a]").contains("this lies too deep"))
    }
}
