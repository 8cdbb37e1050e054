import ArgumentParser

struct ReviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "The arithmetic of fair judgement on files.",
        subcommands: [
            ReviewAssignCommand.self, ReviewCalibrateCommand.self, ReviewDuplicatesCommand.self,
            ReviewCompareCommand.self,
        ])
}
