import Funding
import Kernel
import Review
import Store

/// An expert who accepted, sits on the panel of a case or at a meeting that judges it, may read the files of what is
/// judged, and nobody else's.
enum ReviewAccess {
    static func mayRead(_ item: ID<CaseFile>, _ actor: Actor, _ tx: Tx) throws -> Bool {
        if try PanelSheet.isOn(item, actor, tx) || MeetingStore.mayRead(item, actor, tx) { return true }
        guard let account = actor.account, let expert = try ExpertStore.find(account: account, tx) else { return false }
        let isReader = try RoundStore.assignments(item: item, tx).contains {
            $0.expert == expert.id && [.accepted, .submitted].contains($0.state)
        }
        return try isReader && BlindReview.showsFiles(item, tx)
    }
}

/// Who may read a file of a case: whoever may open the files of the case, and who judges it.
enum FileAccess {
    /// The file, for somebody who may read it; a sensitive one is shown with a reason only.
    /// - Throws: ``DocumentError/missing``, which does not tell whether there is one, nor does how much was asked.
    static func find(_ id: ID<Document>, _ actor: Actor, _ procedures: Procedures, _ tx: Tx) throws -> Document {
        let document = try DocumentStore.find(id, tx)
        // Asked of what is not there as well, so that the time tells no more than the answer.
        let file = try CaseStore.find(document?.caseID ?? ID(""), tx)
        let isOpen = file.map { procedures.maySeeFiles(actor, $0) } ?? false
        let mayRead = try isOpen || ReviewAccess.mayRead(document?.caseID ?? ID(""), actor, tx)
        guard let document, file != nil, mayRead else { throw DocumentError.missing }
        return document
    }
}
