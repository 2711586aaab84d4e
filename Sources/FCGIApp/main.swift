internal import ArgumentParser
internal import Gateway
internal import Pool

if CGIResponder.isRequested, !ListenSocket.isInherited {
  CGIScript.run()
} else {
  Linernotes.main()
}
