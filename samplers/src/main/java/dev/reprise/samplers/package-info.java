/** See the module. */
package dev.reprise.samplers;
