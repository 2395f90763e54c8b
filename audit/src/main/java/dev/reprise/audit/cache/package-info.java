/** Finished work that is found again by what it was made of. */
package dev.reprise.audit.cache;
