package httpserver

import "time"

// SetTimeouts changes how long an ordinary request and its answer may take.
func SetTimeouts(s *Server, read, write time.Duration) {
	s.http.ReadTimeout, s.http.WriteTimeout = read, write
}

// SetStreamWriteTime changes how long the caller of a stream may take to receive what was written.
func SetStreamWriteTime(s *Server, d time.Duration) { s.streams.writeTime = d }

// MaxStreams and MaxStreamsEach are how many streams may be open, in all and of one caller.
const (
	MaxStreams     = maxStreams
	MaxStreamsEach = maxStreamsEach
)
