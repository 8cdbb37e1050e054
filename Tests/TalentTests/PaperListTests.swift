import Kernel
import Testing

@testable import Talent

@Suite("Papers of a permit")
struct PaperListTests {
    /// One line a situation: what is asked, and what is waived.
    struct Line: Sendable, CustomTestStringConvertible {
        let name: String
        let facts: PaperFacts
        let papers: String
        let waived: String

        var testDescription: String { name }
    }

    private static func facts(_ kind: FilingKind, _ edit: (inout PaperFacts) -> Void = { _ in }) -> PaperFacts {
        var facts = PaperFacts(kind: kind)
        facts.category = .b
        facts.route = "b1"
        facts.degreeProof = .apostille
        edit(&facts)
        return facts
    }

    static let lines: [Line] = [
        Line(
            name: "new from abroad, B1", facts: facts(.newAbroad),
            papers: "form work degree medical criminal contract passport photo", waived: ""),
        Line(
            name: "B by points", facts: facts(.newAbroad) { $0.route = "b6" },
            papers: "form work degree medical criminal contract passport photo evidence salary", waived: ""),
        Line(
            name: "A with declarations",
            facts: facts(.newAbroad) { ($0.category, $0.route, $0.commits) = (.a, "a2", true) },
            papers: "form medical contract passport photo evidence", waived: "work degree criminal"),
        Line(
            name: "A by points proves degree and work all the same",
            facts: facts(.newAbroad) { ($0.category, $0.route, $0.commits) = (.a, "a6", true) },
            papers: "form work degree medical contract passport photo evidence salary", waived: "criminal"),
        Line(
            name: "B cannot declare", facts: facts(.newAbroad) { $0.commits = true },
            papers: "form work degree medical criminal contract passport photo", waived: ""),
        Line(
            name: "change of employer", facts: facts(.newDomestic) { $0.changesEmployer = true },
            papers: "form work degree contract passport photo visa cancellation", waived: "medical criminal"),
        Line(
            name: "family and sector approval",
            facts: facts(.newAbroad) { ($0.hasDependants, $0.hasSectorApproval) = (true, true) },
            papers: "form work degree medical criminal contract passport photo family sector", waived: ""),
        Line(
            name: "C needs neither degree nor evidence",
            facts: facts(.newAbroad) { ($0.category, $0.route) = (.c, "c") },
            papers: "form medical criminal contract passport photo", waived: ""),
        Line(
            name: "performance of a few days", facts: facts(.shortTerm) { $0.purpose = "performance" },
            papers: "form agreement passport photo sector", waived: ""),
        Line(
            name: "cooperation of a few days", facts: facts(.shortTerm) { $0.purpose = "cooperation" },
            papers: "form agreement passport photo", waived: ""),
        Line(name: "extension", facts: facts(.extension), papers: "form contract passport visa", waived: ""),
        Line(
            name: "extension by pay", facts: facts(.extension) { $0.route = "b4" },
            papers: "form contract passport visa tax", waived: ""),
        Line(
            name: "change of passport", facts: facts(.change) { $0.changes = ["passport"] }, papers: "form passport",
            waived: ""),
        Line(
            name: "cancellation after loss of contact", facts: facts(.cancellation) { $0.cause = "contact" },
            papers: "notice", waived: "form"),
        Line(
            name: "cancellation after death", facts: facts(.cancellation) { $0.cause = "death" }, papers: "proof",
            waived: ""),
        Line(
            name: "cancellation by the employer", facts: facts(.cancellation) { $0.cause = "ended" },
            papers: "form proof", waived: ""),
        Line(name: "lost code", facts: facts(.reissue) { $0.cause = "loss" }, papers: "", waived: ""),
        Line(name: "R visa", facts: facts(.rVisa), papers: "passport evidence", waived: ""),
        Line(name: "invitation", facts: facts(.invitation), papers: "passport", waived: ""),
    ]

    @Test("Papers follow from category, country and situation", arguments: PaperListTests.lines)
    func papers(line: Line) {
        let list = PaperList(line.facts)
        #expect(list.papers.map(\.id).joined(separator: " ") == line.papers)
        #expect(list.waivers.map(\.paper).joined(separator: " ") == line.waived)
        for paper in list.papers {
            #expect(!paper.title.zh.isEmpty && !paper.title.en.isEmpty && !paper.basis.zh.isEmpty, "\(paper.id)")
            #expect(FormNames.isName(paper.field) && FormNames.isName(paper.issuedField), "\(paper.id)")
        }
    }

    @Test("Health, criminal and identity papers are personal, and only dated papers age")
    func personal() {
        let papers = PaperList(Self.facts(.newAbroad)).papers
        #expect(Set(papers.filter(\.isPersonal).map(\.id)) == ["medical", "criminal", "passport", "photo"])
        #expect(Set(papers.filter { $0.ages != nil }.map(\.id)) == ["medical", "criminal"])
    }

    @Test("The degree's paper says how it is authenticated", arguments: PaperFacts.DegreeProof.allCases)
    func degree(proof: PaperFacts.DegreeProof) throws {
        let list = PaperList(Self.facts(.newAbroad) { $0.degreeProof = proof })
        let titles = PaperFacts.DegreeProof.allCases.map { other in
            PaperList(Self.facts(.newAbroad) { $0.degreeProof = other }).papers.first { $0.id == "degree" }?.title
        }
        #expect(Set(titles).count == PaperFacts.DegreeProof.allCases.count)
        #expect(list.papers.contains { $0.id == "degree" })
    }
}

/// What may name a field of a form.
enum FormNames {
    static func isName(_ name: String) -> Bool {
        Form(sections: [
            FormSection(
                name: "s", title: Bilingual("节", "S"),
                fields: [FormField(name: name, label: Bilingual("字", "F"), kind: .text)])
        ]).lint().isEmpty
    }
}
