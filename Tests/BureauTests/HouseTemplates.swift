import Foundation
import HouseTestSupport
import Kernel
import Store
import StoreTestSupport

@testable import Bureau

/// Databases and folders of houses in which the demonstration was filled once; tests work on copies of them.
actor HouseTemplates {
    static let shared = HouseTemplates()

    struct Template {
        /// The address of its database, which nobody is connected to.
        let address: String
        let folder: String
        /// Microseconds by which its clock is ahead.
        let lead: Int64
    }

    private var made: [Engine: Task<Template, any Error>] = [:]

    func template(_ engine: Engine) async throws -> Template {
        if let task = made[engine] { return try await task.value }
        let task = Task {
            let folder = try TestCity.folder()
            let address = try await TestStore.database(engine)
            let services = try await TestHouse.services(on: address, folder: folder)
            try await DemonstrationCity(services).fill(stories: false)
            await services.house.db.close()
            return Template(address: address, folder: folder, lead: services.clock.lead)
        }
        made[engine] = task
        return try await task.value
    }
}
