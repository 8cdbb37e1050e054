import Kernel
import Portal
import Store

/// What the owner of an instrument is asked to answer: who wants it, when and for what. How to reach them is sealed in
/// the booking; messages go through the case.
struct BookingPanel: Sendable {
    let house: House

    func show(_ file: CaseFile, _ actor: Actor, _ t: Say, _ token: String, _ tx: Tx) throws -> HTML {
        guard let booking = try file.parent.flatMap({ try CaseStore.find($0, tx) }),
            let form = try house.procedures.definition(of: booking).form
        else { return .empty }
        let who = try booking.applicant.flatMap { try AccountStore.find($0, tx) }?.name ?? "—"
        let open = form.sections.map { section in
            FormSection(
                name: section.name, title: section.title, hint: section.hint,
                fields: section.fields.filter { $0.personal != true })
        }
        let answers = try CaseStore.answers(booking.id, tx).content
        let facts = Parts.facts([
            (t("预约编号", "Booking"), HTML(text: booking.number)), (t("预约人", "Asked by"), HTML(text: who)),
        ])
        return Parts.card(t("预约内容", "What is asked"), "\(facts)\(FormView.read(Form(sections: open), answers, t))")
    }
}
