package uk.ac.manchester.tornado.api.annotations;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Stands in for TornadoVM's annotation of the same name: here, a loop is a loop. */
@Target(ElementType.LOCAL_VARIABLE)
@Retention(RetentionPolicy.CLASS)
public @interface Parallel {
}
