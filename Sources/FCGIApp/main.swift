internal import ArgumentParser
internal import Gateway

if CGIResponder.isCGI {
  CGIScript.run()
} else {
  Linernotes.main()
}
