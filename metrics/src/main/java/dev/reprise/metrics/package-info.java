/** See the module. */
package dev.reprise.metrics;
