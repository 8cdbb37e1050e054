import ArgumentParser

@main
struct Kechuang: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kechuang",
        abstract: "Runs the work of a city's science, technology and innovation bureau.",
        discussion: "Exit codes: 0 done, 1 refused or failed with the reason in one line, 64 wrong use.",
        subcommands: [
            ServeCommand.self, ImportCommand.self, RehearseCommand.self, DemoCommand.self, CalendarCommand.self,
            IdentifierCommand.self, RulesCommand.self, LedgerCommand.self, KeysCommand.self, SearchCommand.self,
            ReviewCommand.self, VerifyCommand.self, RecordCommand.self, ExportCommand.self,
            AuditCommand.self, BackupCommand.self, RestoreCommand.self,
        ])
}
