internal import ArgumentParser
internal import Gateway
internal import Pool

if CGIResponder.isRequested, !ListenSocket.isInherited {
  CGIScript.run()
} else if let master = WorkerPool.master(in: CommandLine.arguments) {
  Serve.runWorker(of: master)
} else {
  Linernotes.main()
}
