/** See the module. */
package dev.reprise.bench;
