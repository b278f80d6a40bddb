package githubtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"time"
)

// Listening is a server that is listening on the loopback interface.
type Listening struct {
	// URL is its origin, such as https://127.0.0.1:43211.
	URL string
	// CertPEM is the certificate that a client has to trust.
	CertPEM []byte

	server *http.Server
	owner  *Server
	done   chan struct{} // closed when nothing is accepted any more
}

// StartOption changes how a server listens.
type StartOption func(*startOptions)

type startOptions struct{ address string }

// At makes the server listen on an address such as "127.0.0.1:8443" instead
// of a free port.
func At(address string) StartOption {
	return func(o *startOptions) { o.address = address }
}

// StartTLS listens with a fresh certificate for 127.0.0.1, ::1 and localhost
// until Close. The certificate and the port differ from run to run; nothing
// else does.
func (s *Server) StartTLS(options ...StartOption) (*Listening, error) {
	chosen := startOptions{address: "127.0.0.1:0"}
	for _, option := range options {
		option(&chosen)
	}
	certificate, certPEM, err := newCertificate()
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listening != nil {
		return nil, errors.New("start server: it is listening already")
	}
	listener, err := net.Listen("tcp", chosen.address)
	if err != nil {
		return nil, fmt.Errorf("start server: %w", err)
	}
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0), // a refused certificate is the client's to report
	}
	s.listening = &Listening{URL: "https://" + listener.Addr().String(), CertPEM: certPEM, server: server, owner: s, done: make(chan struct{})}
	// Without NextProtos there is no HTTP/2, whose connections cannot be
	// broken for one request alone.
	secure := tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	go s.listening.serve(secure)
	return s.listening, nil
}

func (l *Listening) serve(listener net.Listener) {
	defer close(l.done)
	if err := l.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		l.owner.violate("serve: %v", err)
	}
}

// Close ends hanging requests and stops listening.
func (l *Listening) Close() {
	l.owner.mu.Lock()
	open := l.owner.listening == l
	if open {
		l.owner.listening = nil
	}
	l.owner.mu.Unlock()
	if open {
		if err := l.server.Close(); err != nil {
			l.owner.violate("close: %v", err)
		}
		<-l.done
	}
}

func newCertificate() (tls.Certificate, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "githubtest"},
		// TLS is checked against the real clock, which is not the World's.
		NotBefore:             time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2120, time.January, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		DNSNames:              []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, certPEM, nil
}
