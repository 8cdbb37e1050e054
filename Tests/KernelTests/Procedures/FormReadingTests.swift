import Testing

@testable import Kernel

@Suite("Reading forms")
struct FormReadingTests {
    @Test("A number has at most fifteen digits, typed or sent; what is longer is kept and named")
    func numbers() {
        let field = FormField(name: "count", label: Bilingual("数量", "Count"), kind: .number)
        let form = Form(sections: [FormSection(name: "a", title: Bilingual("甲", "A"), fields: [field])])
        func read(_ typed: String) -> JSONValue { form.read(section: nil, from: { _ in [typed] }) }
        #expect(read("999,999,999,999,999")["count"] == .integer(999_999_999_999_999))
        #expect(read("-７")["count"] == -7)
        for typed in ["1000000000000000", "-9223372036854775808", "99999999999999999999"] {
            #expect(read(typed)["count"] == .string(typed))
            #expect(form.problems(read(typed), complete: false).map(\.code) == ["field.number"])
        }
        #expect(form.problems(["count": 1_000_000_000_000_000], complete: false).map(\.code) == ["field.large"])
        #expect(form.problems(["count": -999_999_999_999_999], complete: false).isEmpty)
    }
}
