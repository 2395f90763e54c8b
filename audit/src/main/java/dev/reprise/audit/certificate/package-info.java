/**
 * Certificates: what a result was made of and the hashes of what came out, so that anyone can make it again and compare
 * every bit.
 */
package dev.reprise.audit.certificate;
